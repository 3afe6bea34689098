//! Lets the linker leave Node's symbols open where the platform needs to be told.

fn main() {
    napi_build::setup();
}
