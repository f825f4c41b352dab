//! What a component exports, compared with `wit/inference.wit`: the name before compiling, the types after.
//!
//! wasmtime compares the types only when a function is looked up in an instance. Here a look-alike is
//! refused before any of its code runs or is kept.

use overhaul_bundle::component::INTERFACE;
use wasmparser::{Parser, Payload};
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};

use super::SandboxError;
use super::error::one_line;

/// Refuses a component that does not export the interface under its very name and version.
pub(super) fn refuse_other_names(component: &[u8]) -> Result<(), SandboxError> {
    let malformed = |e: wasmparser::BinaryReaderError| SandboxError::NotAComponent(one_line(&e.to_string()));
    let mut depth = 0_usize;
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(malformed)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export.map_err(malformed)?.name.name);
                }
            }
            _ => {}
        }
    }
    if exports.contains(&INTERFACE) {
        return Ok(());
    }
    let found = if exports.is_empty() { "nothing".to_owned() } else { exports.join(", ") };
    Err(SandboxError::WrongInterface(one_line(&format!("it exports {found}"))))
}

/// Refuses a component whose export only has the interface's name.
pub(super) fn refuse_other_types(engine: &Engine, component: &Component) -> Result<(), SandboxError> {
    let wrong = |what: &str| Err(SandboxError::WrongInterface(format!("its {what}")));
    let exports = component.component_type();
    let Some(ComponentItem::ComponentInstance(interface)) =
        exports.get_export(engine, INTERFACE).map(|export| export.ty)
    else {
        return wrong("export of that name is no instance");
    };
    let function = |name: &str| match interface.get_export(engine, name).map(|export| export.ty) {
        Some(ComponentItem::ComponentFunc(function)) => Some(function),
        _ => None,
    };
    let (Some(load), Some(predict)) = (function("load"), function("predict")) else {
        return wrong("instance of that name has no functions load and predict");
    };
    if !takes(&load, &Type::U8) {
        return wrong("load does not take one list<u8>");
    }
    if !answers(&load, is_specification) {
        return wrong("load does not answer result<specification, error>");
    }
    if !takes(&predict, &Type::Float32) {
        return wrong("predict does not take one list<f32>");
    }
    if !answers(&predict, |ok| is_list_of(ok, &Type::Float32)) {
        return wrong("predict does not answer result<list<f32>, error>");
    }
    Ok(())
}

fn takes(function: &ComponentFunc, item: &Type) -> bool {
    let mut parameters = function.params();
    parameters.len() == 1 && parameters.all(|(_, parameter)| is_list_of(&parameter, item))
}

fn answers(function: &ComponentFunc, is_right: impl Fn(&Type) -> bool) -> bool {
    let mut results = function.results();
    results.len() == 1
        && !function.async_()
        && results.all(|result| match result {
            Type::Result(result) => {
                result.ok().is_some_and(|ok| is_right(&ok)) && result.err().is_some_and(|err| is_error(&err))
            }
            _ => false,
        })
}

fn is_list_of(list: &Type, item: &Type) -> bool {
    matches!(list, Type::List(list) if list.ty() == *item)
}

fn is_specification(record: &Type) -> bool {
    let Type::Record(record) = record else { return false };
    let fields = record.fields().map(|field| (field.name, field.ty == Type::U32));
    fields.eq(["window-length", "features", "outputs"].map(|name| (name, true)))
}

fn is_error(variant: &Type) -> bool {
    let Type::Variant(variant) = variant else { return false };
    let cases = variant.cases().map(|case| (case.name, case.ty == Some(Type::String)));
    cases.eq(["bad-model", "unsupported-operator", "wrong-shape", "not-finite"].map(|name| (name, true)))
}
