//! The SMTP state machines against an arbitrary server.
//!
//! Whatever the server sends, and in whatever pieces: nothing panics, memory stays bounded, nothing private is
//! written without TLS, and a message counts as accepted only after a complete positive reply to its last byte.
//!
//! The target reads and gives up where the transport in `delivery` does, without its connection. Each outcome is
//! checked a second time against the commands that were written and their replies.
#![no_main]

mod handshake;
mod memory;
mod pipelined;
mod sequential;
mod server;
mod wire;

use libfuzzer_sys::fuzz_target;

use server::{Script, Server};

fuzz_target!(|data: &[u8]| {
    let Some((head, said)) = data.split_first_chunk::<8>() else {
        return;
    };
    let [settings, sizes @ .., from, few, many] = *head;
    let script = Script::new(
        said,
        sizes,
        from.into(),
        u16::from_le_bytes([few, many]).into(),
    );
    let mut server = Server::new(script);
    let Some(extensions) = handshake::open(settings, &mut server) else {
        return;
    };
    if settings & 0x40 != 0 && extensions.chunking && extensions.pipelining {
        pipelined::deliver(settings, &extensions, &mut server);
    } else {
        sequential::deliver(&extensions, &mut server);
    }
});
