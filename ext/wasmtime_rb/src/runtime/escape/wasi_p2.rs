//! The functions of WASI preview 2 that wait, in a way that can be ended. Wasmtime's own wait inside tokio, with the GVL and deaf to everything;
//! to be replaced by C functions that take the waiting over.

use crate::handle::component::linker::Linker;
use crate::handle::context::{Ctx, RawContext};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker as RustLinker, Resource, ResourceTable};
use wasmtime_c_api::WasmtimeStoreData;
use wasmtime_wasi::WasiView;
use wasmtime_wasi::p2::bindings::io::poll::{Host as PollHost, HostPollable};
use wasmtime_wasi::p2::bindings::io::streams::{self, Host as StreamsHost, HostInputStream, HostOutputStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, StreamError};

const _: () = assert!(size_of::<StoreContextMut<'_, WasmtimeStoreData>>() == size_of::<*mut RawContext>());

/// Takes turns: calls the step, which waits not longer than it is told and says whether it is done, until it is. False when the call must end.
pub type Wait = fn(Ctx, &mut dyn FnMut(Duration) -> bool) -> bool;

/// The versions under which Wasmtime defines them.
const POLL: &str = "wasi:io/poll@0.2.12";
const STREAMS: &str = "wasi:io/streams@0.2.12";

type Store<'a> = StoreContextMut<'a, WasmtimeStoreData>;
/// What a stream's function gives: its value, or the stream's error.
type Streamed<T> = wasmtime::Result<(Result<T, streams::StreamError>,)>;

fn table<'a>(store: &'a mut Store<'_>) -> &'a mut ResourceTable {
    store.data_mut().ctx().table
}

/// The context that the store is.
fn context(store: &Store<'_>) -> Option<Ctx> {
    // SAFETY: a StoreContextMut is the C context's pointer (asserted by size); wasm runs in the store, so it is ours.
    unsafe { Ctx::from_raw(std::mem::transmute_copy::<Store<'_>, *mut RawContext>(store)) }
}

/// Waits for a future on this thread.
fn wait_for<T>(context: Option<Ctx>, wait: Wait, future: impl Future<Output = T>) -> wasmtime::Result<T> {
    let (mut future, mut output) = (pin!(future), None);
    // Most are done at once, and cost no turn.
    let threads = tokio::runtime::Handle::try_current()?;
    let first = {
        let _inside = threads.enter();
        future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    };
    if let Poll::Ready(value) = first {
        return Ok(value);
    }
    let mut step = |longest| {
        output = threads.block_on(async { tokio::time::timeout(longest, future.as_mut()).await }).ok();
        output.is_some()
    };
    let done = context.is_some_and(|context| wait(context, &mut step));
    output.filter(|_| done).ok_or_else(|| wasmtime::format_err!("the guest's wait was ended"))
}

/// As [`wait_for`], for what a stream does. The stream's own errors are told to the guest.
fn streamed<T>(store: &mut Store<'_>, result: wasmtime::Result<Result<T, StreamError>>) -> Streamed<T> {
    Ok((match result? {
        Ok(value) => Ok(value),
        Err(error) => Err(StreamsHost::convert_stream_error(table(store), error)?),
    },))
}

/// Defines the functions that wait once more, over those Wasmtime has just defined.
pub fn define_waiting(linker: &Linker, wait: Wait) -> Result<(), String> {
    // SAFETY: `#[repr(transparent)]` around the Rust linker, which nobody else uses now.
    let linker = unsafe { &mut *linker.as_ptr().cast::<RustLinker<WasmtimeStoreData>>() };
    super::guarded(|| {
        linker.allow_shadowing(true);
        define_poll(linker, wait)?;
        define_streams(linker, wait)?;
        linker.allow_shadowing(false);
        Ok(())
    })
}

fn define_poll(linker: &mut RustLinker<WasmtimeStoreData>, wait: Wait) -> wasmtime::Result<()> {
    let mut poll = linker.instance(POLL)?;
    poll.func_wrap("poll", move |mut store: Store<'_>, (list,): (Vec<Resource<DynPollable>>,)| {
        let context = context(&store);
        wait_for(context, wait, PollHost::poll(table(&mut store), list))?.map(|ready| (ready,))
    })?;
    poll.func_wrap("[method]pollable.block", move |mut store: Store<'_>, (pollable,): (Resource<DynPollable>,)| {
        let context = context(&store);
        wait_for(context, wait, HostPollable::block(table(&mut store), pollable))?
    })
}

fn define_streams(linker: &mut RustLinker<WasmtimeStoreData>, wait: Wait) -> wasmtime::Result<()> {
    let mut defined = linker.instance(STREAMS)?;
    defined.func_wrap("[method]input-stream.blocking-read", move |mut store: Store<'_>, (stream, len): (Resource<DynInputStream>, u64)| {
        let context = context(&store);
        let read = wait_for(context, wait, HostInputStream::blocking_read(table(&mut store), stream, len));
        streamed(&mut store, read)
    })?;
    defined.func_wrap("[method]input-stream.blocking-skip", move |mut store: Store<'_>, (stream, len): (Resource<DynInputStream>, u64)| {
        let context = context(&store);
        let skipped = wait_for(context, wait, HostInputStream::blocking_skip(table(&mut store), stream, len));
        streamed(&mut store, skipped)
    })?;
    defined.func_wrap(
        "[method]output-stream.blocking-write-and-flush",
        move |mut store: Store<'_>, (stream, bytes): (Resource<DynOutputStream>, Vec<u8>)| {
            let context = context(&store);
            let written = wait_for(context, wait, HostOutputStream::blocking_write_and_flush(table(&mut store), stream, bytes));
            streamed(&mut store, written)
        },
    )?;
    defined.func_wrap("[method]output-stream.blocking-flush", move |mut store: Store<'_>, (stream,): (Resource<DynOutputStream>,)| {
        let context = context(&store);
        let flushed = wait_for(context, wait, HostOutputStream::blocking_flush(table(&mut store), stream));
        streamed(&mut store, flushed)
    })
}
