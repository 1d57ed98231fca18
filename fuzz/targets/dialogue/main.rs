//! Whatever a server says, and however it arrives: nothing panics, nothing is kept without end, nothing is said
//! in the clear that is private, and a letter is accepted by a whole positive reply to its last byte alone.
//!
//! The shell of `deliver` is here without its connection: it reads where that one reads, and gives up where that
//! one does. What it hears is judged once more by what has been written, command by command.
#![no_main]

mod bursts;
mod ear;
mod held;
mod letters;
mod opening;
mod wire;

use libfuzzer_sys::fuzz_target;

use ear::{Ear, Speech};

fuzz_target!(|data: &[u8]| {
    let Some((head, said)) = data.split_first_chunk::<8>() else {
        return;
    };
    let [settings, sizes @ .., from, few, many] = *head;
    let speech = Speech::new(
        said,
        sizes,
        from.into(),
        u16::from_le_bytes([few, many]).into(),
    );
    let mut ear = Ear::new(speech);
    let Some(extensions) = opening::open(settings, &mut ear) else {
        return;
    };
    if settings & 0x40 != 0 && extensions.chunking && extensions.pipelining {
        bursts::deliver(settings, &extensions, &mut ear);
    } else {
        letters::deliver(&extensions, &mut ear);
    }
});
