//! What the C API cannot say about WASI.

use crate::handle::wasi::WasiConfig;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;
use std::time::Duration;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

const _: () = {
    assert!(size_of::<wasmtime_c_api::wasi_config_t>() == size_of::<WasiCtxBuilder>());
    assert!(align_of::<wasmtime_c_api::wasi_config_t>() == align_of::<WasiCtxBuilder>());
};

/// Changes a configuration in place.
fn change(config: &WasiConfig, change: impl FnOnce(&mut WasiCtxBuilder)) {
    // SAFETY: the pointer is live and points to a `#[repr(C)]` struct around the Rust builder, which its only owner lends to nobody else.
    change(unsafe { &mut *config.as_ptr().cast() });
}

/// Lets files be read and written on the thread that runs the guest instead of one of tokio's; for directories opened from now on. To be
/// replaced by `wasi_config_allow_blocking_current_thread`, which does not exist.
pub fn block_on_this_thread(config: &WasiConfig) {
    change(config, |builder| {
        builder.allow_blocking_current_thread(true);
    });
}

/// Whether the guest may use TCP. To be replaced by `wasi_config_allow_tcp`, which does not exist.
pub fn allow_tcp(config: &WasiConfig, allow: bool) {
    change(config, |builder| {
        builder.allow_tcp(allow);
    });
}

/// Whether the guest may use UDP. To be replaced by `wasi_config_allow_udp`, which does not exist.
pub fn allow_udp(config: &WasiConfig, allow: bool) {
    change(config, |builder| {
        builder.allow_udp(allow);
    });
}

/// A monotonic clock of ours.
struct Monotonic<F>(F);

impl<F: Fn() -> u64 + Send + Sync> HostMonotonicClock for Monotonic<F> {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        (self.0)()
    }
}

/// Gives the guest a monotonic clock that we can read too, because our `poll_oneoff` is told times of it. To be replaced by a C function for
/// clocks, which does not exist.
pub fn monotonic_clock(config: &WasiConfig, now: impl Fn() -> u64 + Send + Sync + 'static) {
    change(config, |builder| {
        builder.monotonic_clock(Monotonic(now));
    });
}

/// The seed of every random number, so that two runs of a program see the same.
const SEED: u64 = 42;

/// A clock that stands still.
struct Stopped;

impl HostWallClock for Stopped {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        0
    }
}

/// Asks about every address that a socket uses, on the thread that runs the guest. To be replaced by a C callback, which does not exist.
pub fn address_check(config: &WasiConfig, check: impl Fn(&str, &'static str) -> bool + Send + Sync + 'static) {
    change(config, |builder| {
        builder.socket_addr_check(move |address, usage| {
            let allowed = check(&address.to_string(), name(usage));
            Box::pin(std::future::ready(allowed))
        });
    });
}

fn name(usage: SocketAddrUse) -> &'static str {
    match usage {
        SocketAddrUse::TcpBind => "tcp_bind",
        SocketAddrUse::TcpListen => "tcp_listen",
        SocketAddrUse::TcpAccept => "tcp_accept",
        SocketAddrUse::TcpConnect => "tcp_connect",
        SocketAddrUse::UdpBind => "udp_bind",
        // The name that the wasmtime gem gives it.
        SocketAddrUse::UdpSend => "udp_outgoing_datagram",
        SocketAddrUse::UdpReceive => "udp_receive",
    }
}

/// Stops both clocks, fixes all random numbers and shuts the network. To be replaced by C functions for clocks and random numbers, which do
/// not exist.
pub fn determinism(config: &WasiConfig) {
    change(config, |builder| {
        builder
            .secure_random(Pcg64Mcg::seed_from_u64(SEED))
            .insecure_random(Pcg64Mcg::seed_from_u64(SEED))
            .insecure_random_seed(SEED.into())
            .wall_clock(Stopped)
            .monotonic_clock(Stopped)
            .allow_tcp(false)
            .allow_udp(false);
    });
}
