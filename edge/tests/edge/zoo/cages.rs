//! The list of all animals, with what the agent says to each.

/// Calls `$then!` with the list: the animal (a file in `animals/`, or a function of `breeds`), what the
/// reason of its refusal says.
macro_rules! every_animal {
    ($then:ident) => {
        $then! {
            texts {
                loops_in_predict: "missed its deadline of",
                loops_in_load: "missed its deadline of",
                loops_at_its_start: "missed its deadline of",
                loops_in_realloc: "missed its deadline of",
                loops_after_its_answer: "missed its deadline of",
                grows_at_once: "bytes of memory; its limit is",
                grows_bit_by_bit: "bytes of memory; its limit is",
                is_born_big: "asked for 4294967296 bytes of memory; its limit is",
                recurses: "trapped: wasm trap: call stack exhausted",
                traps: "trapped: wasm trap: wasm `unreachable`",
                divides_by_zero: "trapped: wasm trap: integer divide by zero",
                writes_outside: "trapped: wasm trap: out of bounds memory access",
                answers_two_numbers: "nonsense: 2 numbers instead of 1",
                answers_no_number: "nonsense: 0 numbers instead of 1",
                answers_all_its_memory: "nonsense: 262144 numbers instead of 1",
                answers_nan: "not finite: the component answered NaN",
                answers_infinity: "not finite: the component answered inf",
                answers_from_outside: "trapped: list pointer/length out of bounds",
                answers_4_gib: "trapped: list pointer/length out of bounds",
                answers_16_gib: "trapped: list pointer/length out of bounds",
                answers_crookedly: "trapped: list pointer is not aligned",
                answers_at_nowhere: "trapped: pointer out of bounds",
                answers_neither: "trapped: invalid expected discriminant",
                errs_unheard_of: "trapped: unexpected discriminant: 99",
                errs_at_length: "bad model: no",
                errs_in_no_language: "trapped: invalid utf-8",
                allocates_outside: "trapped: realloc return: beyond end of memory",
                allocates_beyond_its_end: "trapped: realloc return: beyond end of memory",
                allocates_by_trapping: "trapped: wasm trap: wasm `unreachable`",
                takes_nothing: "nonsense: window-length 0 is not 1 to",
                takes_everything: "nonsense: window-length 4294967295 is not 1 to",
                has_a_huge_table: "asked for a table of 10000000 entries; its limit is 100000",
                grows_a_table: "entries; its limit is 100000",
                has_two_memories: "has 2 memories; a component for Overhaul has at most 1",
                has_a_shared_memory: "a shared memory (threads), which a component for Overhaul does not",
                has_a_64_bit_memory: "a 64-bit memory (memory64), which a component for Overhaul does not",
                calls_tails: "tail calls support is not enabled",
            }
            breeds {
                swarms: "functions; a component for Overhaul has at most 100000",
                drones_on: "bytes of code in one function; a component for Overhaul has at most 1048576",
                clones_itself: "instances; a component for Overhaul has at most 64",
                clones_itself_a_little: "trapped: resource limit exceeded: instance count too high",
                burrows: "5 levels of nesting; a component for Overhaul has at most 4",
                hoards_modules: "17 core modules; a component for Overhaul has at most 16",
                hoards_types: "types, globals, exports and segments; a component for Overhaul has at most 200000",
                imports_wasi: "imports wasi:filesystem/preopens@0.2.0, wasi:clocks/wall-clock@0.2.0; a component",
                imports_the_world: "overhaul:thing/number-7, 992 more; a component for Overhaul imports nothing",
                looks_alike: "does not export overhaul:inference/model@0.1.0: its load does not take one list<u8>",
                is_of_another_version: "it exports overhaul:inference/model@0.2.0",
                is_cut_in_half: "not a WebAssembly component",
                lacks_its_last_byte: "not a WebAssembly component",
                is_a_core_module: "not a WebAssembly component that this agent can run: its header is not",
                is_noise: "not a WebAssembly component that this agent can run: its header is not",
            }
        }
    };
}

/// An animal's text.
macro_rules! text {
    ($name:ident) => {
        include_str!(concat!("animals/", stringify!($name), ".wat"))
    };
}
