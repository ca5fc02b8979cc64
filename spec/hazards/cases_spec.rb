# frozen_string_literal: true

# The hazards that this gem set out to survive, by id, and the examples that show it. Each names a file under spec/ and text of its examples'
# descriptions; a case that does not apply says why.
RSpec.describe "The list of hazards" do
  cases = {
    # Garbage collection and lifetimes.
    "G1" => [["hazards/gc", "gives the same values under GC.stress"]],
    "G2" => [["hazards/gc", "when the heap is compacted"], ["hazards/gc", "every young object that an old store"]],
    "G3" => [["hazards/gc", "gives back the same object when only the guest holds it"]],
    "G4" => [["hazards/gc", "lets an object go once the guest has let it go"], ["hazards/gc", "does not grow with externref round trips"]],
    "G5" => [["hazards/gc", "collects blocks that close over their own store"]],
    "G6" => [["hazards/gc", "keeps the store while only one of its objects is held"], ["hazards/gc", "keeps host functions of a linker that is gone"]],
    "G7" => [["hazards/gc", "carries an exception across wasm frames under GC.stress"]],
    "G8" => [["hazards/gc", "reads results once"]],
    "G9" => [["hazards/gc", "keeps arguments and results while a guest runs without the GVL"]],
    "G10" => [["hazards/gc", "marks an object while one of its own methods allocates"]],
    "G11" => [["hazards/gc", "survives 10,000 stores with memories"], ["hazards/gc", "when there is no address space for a memory"]],
    "G12" => [["hazards/gc", "objects that were not made properly"], ["hazards/gc", "refuses Marshal.dump of everything"]],
    "G13" => [["hazards/gc", "inspects every object at any time"]],
    "G14" => [["hazards/exit", "frees objects in any order"], ["hazards/exit", "ends well"]],
    "G15" => [["hazards/gc", "keeps the store while only one of its objects is held"], ["hazards/gc", "memory be closed by GC and by hand"]],
    "G16" => [["hazards/gc", "refuses every method after its block"]],
    "G17" => [["hazards/gc", "makes every method of every object raise"], ["hazards/gc", "refuses to close while another thread is inside"]],
    # Control flow out of host blocks.
    "C1" => [["hazards/control_flow", "leaves as the same object"], ["hazards/control_flow", "runs each ensure once"]],
    "C2" => [["hazards/control_flow", "throws to a catch outside the call"], ["hazards/control_flow", "raises UncaughtThrowError"]],
    "C3" => [["hazards/control_flow", "raises LocalJumpError for a break"], ["hazards/control_flow", "returns from the enclosing method"]],
    "C4" => [["hazards/control_flow", "kills a thread in"], ["hazards/control_flow", "kills a thread that waits for the GVL"]],
    "C5" => [["hazards/control_flow", "times out in"], ["hazards/control_flow", "ends the right one of nested timeouts"],
             ["wasmtime/call_options", "ends the inner call when its time is up"]],
    "C6" => [["hazards/control_flow", "runs a signal handler that returns while wasm goes on"]],
    "C7" => [["hazards/control_flow", "lets a signal handler call another store, and refuses the same one"]],
    "C8" => [["hazards/control_flow", "yields out of a host block and completes"], ["hazards/control_flow", "after a fiber was abandoned"]],
    "C9" => [["hazards/control_flow", "may be made and finished inside a host block"], ["hazards/control_flow", "keeps wasm in an Enumerator apart"]],
    "C10" => [["hazards/control_flow", "when a continuation jumps into a host block"], ["hazards/control_flow", "when a continuation leaves a host block"]],
    "C11" => [["hazards/control_flow", "goes 1000 deep"], ["hazards/control_flow", "entered again without end"]],
    "C12" => [["hazards/control_flow", "refuses to define on a linker that is instantiating"]],
    "C13" => [["wasmtime/store", "lets an exception of the block leave the call"], ["hazards/control_flow", "raises what a signal handler raises"]],
    "C14" => [["hazards/control_flow", "leave a call as WasmException"], ["hazards/control_flow", "leave a start function as WasmException"]],
    "C15" => [["hazards/control_flow", "never let a guest swallow a Ruby exception"]],
    "C16" => [["hazards/control_flow", "is the same before and after a call that fails inside"]],
    # The native stack.
    "K1" => [["hazards/stack", "is a trap \#{where}"], ["hazards/stack", "is a trap in a start function"]],
    "K2" => [["hazards/stack", "says how to get more"]],
    "K3" => [["hazards/stack", "in a host block leaves the call"], ["hazards/stack", "rescued in a host block lets wasm go on"]],
    "K4" => [["hazards/stack", "trap at the edge of the stack"], ["hazards/stack", "2,000 parameters for Func.new"]],
    "K5" => [["hazards/exit", "keeps Ruby's report of a crash elsewhere"], ["hazards/stack", "still detected by Ruby after a wasm stack overflow"]],
    # Threads, Ractors, forks and the process.
    "T1" => [["hazards/threads", "the user is not disturbed"], ["hazards/threads", "gives exact results on 8 threads"]],
    "T2" => [["hazards/threads", "from a String that others change and compile"]],
    "T3" => [["hazards/threads", "go on while wasm runs"], ["hazards/threads", "go on while a module compiles"]],
    "T4" => [["hazards/threads", "share engines and modules"], ["hazards/threads", "cannot share stores, linkers"],
             ["hazards/threads", "share an InstancePre whose linker holds no Ruby block"]],
    "T5" => "M:N threads came with Ruby 3.3; what is tested here is Ruby 3.1, where each thread has a native thread of its own",
    "T6" => [["hazards/threads", "gives a child that compiles, runs, traps and is interrupted"], ["hazards/threads", "in which calls time out"],
             ["hazards/wasi", "runs in a forked child"], ["hazards/puma", "serves requests that run wasm"]],
    "T7" => [["hazards/threads", "inside a host block gives a child that ends in every way"], ["hazards/wasi", "took into a forked child"]],
    "T8" => [["hazards/exit", "ends well"], ["hazards/threads", "by Process.daemon"]],
    "T9" => [["wasi/sleep", "lets other threads run"], ["wasi/sleep", "ends with Thread#kill"], ["wasi/sleep", "ends with Ctrl-C"]],
    "T10" => [["hazards/threads", "survives 200 threads that call wasm once and die"]],
    "T11" => [["wasmtime/offload", "let the reactor go on"], ["wasmtime/offload", "are what a refusal asks for"]],
    "T12" => [["build/extension", "exports"]],
    "T13" => [["hazards/threads", "a hundred times, while another thread compiles and loads modules"]],
    "T14" => [["hazards/waits", "lets other threads run while a guest waits"], ["hazards/waits", "ends a bulk instruction first"]],
    "T15" => [["hazards/wasi", "while a guest waits for a pipe"], ["wasi/stdio", "come from a pipe that a Ruby thread feeds"]],
    "T16" => [["hazards/control_flow", "after a fiber was abandoned"]],
    # Memory views and bulk data.
    "M1" => [["hazards/memory", "gives bytes or raises for every offset and length"], ["hazards/memory", "gives a number or raises for every offset"]],
    "M2" => [["wasmtime/memory", "when the block ends, however it ends"], ["wasmtime/memory", "stays right while the memory grows"],
             ["wasmtime/memory/view", "does not end the process when it dies with its slices"]],
    "M3" => [["hazards/memory", "stays valid inside a host block"], ["hazards/memory", "used by IO in another thread"]],
    "M4" => [["hazards/memory", "reads more than 2 GiB"], ["hazards/memory", "has the right size at 4 GiB"]],
    "M5" => [["hazards/memory", "is refused for a memory that may move"], ["hazards/waits", "waits for a shared memory"]],
    "M6" => [["hazards/memory", "are those of the String at call time"], ["hazards/memory", "are taken from to_str once"]],
    "M7" => [["hazards/memory", "raises past the maximum"], ["hazards/memory", "a guest gets -1"], ["hazards/memory", "raises for a table past its maximum"]],
    # Input.
    "I1" => [["wasmtime/engine_hazards", ""]],
    "I2" => [["hazards/input", "fits i32 from -2**31 to 2**32-1"], ["hazards/input", "fits i64"]],
    "I3" => [["hazards/input", "keeps its bits as f64"], ["hazards/input", "keeps sign, infinity and NaN as f32"]],
    "I4" => [["hazards/input", "is reflected: v128"], ["hazards/input", "read and called on an instance, or raises"]],
    "I5" => [["hazards/input", "is found whole"], ["hazards/input", "that is no UTF-8 or no name"]],
    "I6" => [["hazards/input", "refuses a NUL in what C reads as a C string"]],
    "I7" => [["hazards/input", "raises for what is no module"], ["hazards/input", "50 MB of anything"]],
    "I8" => [["hazards/input", "raises for compiled code that is none"]],
    "I9" => [["hazards/input", "refuses objects of another \#{what} in every method of every handle"]],
    "I10" => [["hazards/input", "refuses objects of another \#{what} in every method of every handle"]],
    "I11" => [["wasmtime/component/values", ""], ["hazards/component_values", ""]],
    "I12" => [["hazards/input", "is a ResultError or works, and the guest is unwound"], ["hazards/input", "gives a function of another store"]],
    "I13" => [["hazards/input", "is reflected: v128"]],
    # WASI.
    "W1" => [["wasmtime/wasi", "is an error before anything runs when the store has none"]],
    "W2" => [["wasi/stdio", "take a flood to the last byte"], ["wasi/stdio", "keep the order of both streams"], ["wasi/stdio", "when a host function runs"]],
    "W3" => [["wasi/exit", ""]],
    "W4" => [["wasi/files", ""]],
    "W5" => [["wasi/stdio", "fail with EBADF when the guest has closed them"], ["wasi/stdio", "inherit the descriptors of the process"]],
    # Limits.
    "L1" => [["hazards/limits", "of 0 stops the guest at once"], ["hazards/limits", "runs out in an endless loop"]],
    "L2" => [["hazards/limits", "and Timeout are independent of each other"]],
    "L3" => [["hazards/limits", "that is exhausted raises, and slots come back"]],
    "L4" => [["hazards/limits", "is refused or works, and never ends the process"]]
  }.freeze

  descriptions = Hash.new do |known, file|
    text = File.read(File.expand_path("../#{file}_spec.rb", __dir__))
    known[file] = text.scan(/^\s*(?:it|describe|context|RSpec\.describe) (?:"((?:[^"\\]|\\.)*)"|\S.*)/).flatten.compact
  end

  it "names every case" do
    counts = { "G" => 17, "C" => 16, "K" => 5, "T" => 16, "M" => 7, "I" => 13, "W" => 5, "L" => 4 }
    expect(cases.keys.group_by { |id| id[0] }.transform_values(&:size)).to eq(counts)
  end

  cases.each do |id, places|
    if places.is_a?(String)
      it "says why #{id} does not apply" do
        expect(places.size).to be > 20
      end
    else
      it "has examples for #{id}" do
        places.each do |file, text|
          expect(descriptions[file]).to include(a_string_including(text)), "no example with #{text.inspect} in spec/#{file}_spec.rb"
        end
      end
    end
  end
end
