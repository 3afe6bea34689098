//! Signal: X3DH, the double ratchet and prekey messages, without any I/O.
