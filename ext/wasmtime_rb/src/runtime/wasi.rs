//! WASI preview 1 in a store: how it is set up, and what each call into such a store needs.

use super::error::{self, Kind};
use super::escape::wasi as escape;
use super::output::{Buffer, Port, Sink};
use super::store::StoreInner;
use super::{address_check, call_clock, io_threads, process};
use crate::handle::externs::{RawFunc, RawMemory};
use crate::handle::fault::Fault;
use crate::handle::wasi::{Output, WasiConfig};
use magnus::Error;
use rb_sys::VALUE;
use std::cell::RefCell;
use std::ffi::CString;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// One thing a program asked of a WasiConfig.
pub enum Step {
    Argv(Vec<CString>),
    Env(Vec<CString>, Vec<CString>),
    StdinBytes(Vec<u8>),
    StdinFile(CString),
    InheritStdin,
    OutputFile(Output, CString),
    InheritOutput(Output),
    OutputBuffer(Output, Buffer),
    Directory {
        host: CString,
        guest: CString,
        writable: bool,
    },
    InheritNetwork,
    AllowTcp(bool),
    AllowUdp(bool),
    AllowIpNameLookup(bool),
    Determinism,
    AllowHttp,
    /// Ruby threads are on the other end of its standard streams.
    Streams,
    /// The Proc that is asked.
    AddressCheck(VALUE),
}

/// What a store with WASI remembers.
pub struct Wasi {
    /// Where output waits, and the root slots of the Strings it goes to.
    sinks: Vec<(Arc<Sink>, usize)>,
    /// Whether the guest may wait for a Ruby thread on the other end of its standard input: then calls give the GVL up.
    pub releases: bool,
    /// Whether it does: calls that hold the GVL would wait for ever.
    pub streams: bool,
    /// Whether the guest may make HTTP requests.
    pub http: bool,
    generation: u64,
    /// When the guest's monotonic clock began, in nanoseconds of our own; `None` when both its clocks stand still.
    clock_start: Option<u64>,
    /// For memories of its instances, the function that gives Wasmtime's own `poll_oneoff` a list there.
    pub(super) relays: RefCell<Vec<(RawMemory, RawFunc)>>,
}

impl Wasi {
    /// Prepares the thread for a call into `store`, which has this WASI.
    pub fn before_call(&self, store: &StoreInner) -> Result<(), Error> {
        self.check_process()?;
        enter_threads()?;
        self.measure(store);
        Ok(())
    }

    /// The guest's monotonic clock, in nanoseconds.
    pub fn monotonic_now(&self) -> u64 {
        self.clock_start.map_or(0, |start| call_clock::now().saturating_sub(start))
    }

    /// The guest's wall clock, in nanoseconds since 1970.
    pub fn wall_now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.clock_start.map_or(0, |_| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }

    /// Refuses to go on in a forked child.
    pub fn check_process(&self) -> Result<(), Error> {
        if !self.inherited() {
            return Ok(());
        }
        let text = "the store's WASI was set up before this process was forked; create a new Store in the child";
        Err(error::raise(Kind::ForkedStore, text))
    }

    /// Looks how much room the program's Strings have: it may have emptied them.
    pub fn measure(&self, store: &StoreInner) {
        self.sinks.iter().for_each(|(sink, slot)| sink.measure(store.roots.get(*slot)));
    }

    /// Brings what the guest wrote to the program's Strings.
    pub fn deliver(&self, store: &StoreInner) -> Result<(), Error> {
        self.sinks.iter().try_for_each(|(sink, slot)| sink.deliver(store.roots.get(*slot)))
    }

    /// Whether it belongs to the process this one was forked from: its streams have tasks on threads that did not come along, and locks that
    /// these may have left taken.
    pub fn inherited(&self) -> bool {
        self.generation != process::generation()
    }
}

fn enter_threads() -> Result<(), Error> {
    io_threads::enter().map_err(|text| error::raise(Kind::Base, &text))
}

/// Sinks by the Strings they lead to.
type Sinks = Vec<(VALUE, Arc<Sink>)>;

/// Gives a store its WASI. The Strings that take output stay in its roots.
pub fn configure(store: &StoreInner, steps: Vec<Step>) -> Result<(), Error> {
    let context = store.access()?;
    enter_threads()?;
    let streams = steps.iter().any(|step| matches!(step, Step::Streams));
    let releases = streams || steps.iter().any(|step| matches!(step, Step::InheritStdin | Step::StdinFile(_)));
    let http = steps.iter().any(|step| matches!(step, Step::AllowHttp));
    let stopped = steps.iter().any(|step| matches!(step, Step::Determinism));
    let clock_start = (!stopped).then(call_clock::now);
    let mut sinks = Sinks::new();
    let check = steps.iter().find_map(|step| if let Step::AddressCheck(proc) = step { Some(*proc) } else { None });
    let config = build(steps, &mut sinks).map_err(error::from_fault)?;
    if let Some(proc) = check {
        address_check::install(store, &config, proc);
    }
    if let Some(start) = clock_start {
        escape::monotonic_clock(&config, move || call_clock::now().saturating_sub(start));
    }
    context.set_wasi(config).map_err(error::from_fault)?;
    if http {
        context.set_wasi_http();
    }
    let sinks = sinks.into_iter().map(|(string, sink)| (sink, store.roots.insert(string))).collect();
    store.set_wasi(Wasi { sinks, releases, streams, http, generation: process::generation(), clock_start, relays: RefCell::default() });
    Ok(())
}

fn build(steps: Vec<Step>, sinks: &mut Sinks) -> Result<WasiConfig, Fault> {
    let config = WasiConfig::new()?;
    // Before any directory is opened, because each takes the setting over.
    escape::block_on_this_thread(&config);
    // Of use only with addresses that are allowed, and none are to begin with.
    escape::allow_tcp(&config, true);
    escape::allow_udp(&config, true);
    steps.into_iter().try_for_each(|step| apply(&config, step, sinks))?;
    Ok(config)
}

fn apply(config: &WasiConfig, step: Step, sinks: &mut Sinks) -> Result<(), Fault> {
    match step {
        Step::Argv(argv) => return config.argv(&argv),
        Step::Env(names, values) => return config.env(&names, &values),
        Step::StdinBytes(bytes) => config.stdin_bytes(&bytes),
        Step::StdinFile(path) => return config.stdin_file(&path),
        Step::InheritStdin => config.inherit_stdin(),
        Step::OutputFile(output, path) => return config.output_file(output, &path),
        Step::InheritOutput(output) => config.inherit_output(output),
        Step::OutputBuffer(output, buffer) => port(buffer, sinks).install(config, output),
        Step::Directory { host, guest, writable } => return config.preopen_dir(&host, &guest, writable),
        Step::InheritNetwork => config.inherit_network(),
        Step::AllowTcp(allow) => escape::allow_tcp(config, allow),
        Step::AllowUdp(allow) => escape::allow_udp(config, allow),
        Step::AllowIpNameLookup(allow) => config.allow_ip_name_lookup(allow),
        Step::Determinism => escape::determinism(config),
        // They are about the store.
        Step::AllowHttp | Step::Streams | Step::AddressCheck(_) => {}
    }
    Ok(())
}

/// Two streams into one String share a sink, which keeps the order in which the guest wrote.
fn port(buffer: Buffer, sinks: &mut Sinks) -> Port {
    let known = sinks.iter().find(|(string, _)| *string == buffer.string).map(|(_, sink)| sink.clone());
    let sink = known.unwrap_or_else(|| {
        let sink = Arc::<Sink>::default();
        sinks.push((buffer.string, sink.clone()));
        sink
    });
    Port { sink, capacity: buffer.capacity, truncated: buffer.truncated }
}
