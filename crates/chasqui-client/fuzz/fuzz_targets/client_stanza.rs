#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    chasqui_client::fuzzing::stream(bytes);
});
