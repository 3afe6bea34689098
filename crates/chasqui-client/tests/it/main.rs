//! The client against the emulator, as a program drives it.

mod app_state;
mod commits;
mod groups;
mod hand_over;
mod harness;
mod keys;
mod resilience;
mod road;
