#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    chasqui_client::history::read_deflated(bytes);
});
