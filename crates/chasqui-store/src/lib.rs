//! Where a session lives: memory and SQLite behind one small interface.
