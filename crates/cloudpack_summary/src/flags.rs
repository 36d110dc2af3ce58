//! Facts about a whole module, one bit each.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleFlags(pub u32);

impl ModuleFlags {
    /// Some section awaits at top level (`await`, `for await`, `await using`).
    pub const TOP_LEVEL_AWAIT: Self = Self(1);
    /// Has `import`, `export`, `import.meta` or top-level await.
    pub const ES_SYNTAX: Self = Self(1 << 1);
    /// Mentions the free names `module` or `exports`, or `this` at top level of a CommonJS module.
    pub const USES_MODULE_OR_EXPORTS: Self = Self(1 << 2);
    /// Direct `eval`: names must stay as they are.
    pub const DIRECT_EVAL: Self = Self(1 << 3);
    /// Node's reading of this module as an importer: `.mjs`, `.mts`, or `"type": "module"`. A default import of a
    /// CommonJS module is then `module.exports` itself, whatever `__esModule` says.
    pub const NODE_ESM: Self = Self(1 << 4);
    /// The file said itself that it has no side effects; set for JSON, assets, CSS modules, text and
    /// empty CommonJS files.
    pub const SIDE_EFFECT_FREE: Self = Self(1 << 5);
    /// Has text for a style sheet (`ModuleObject::css`).
    pub const HAS_CSS: Self = Self(1 << 6);
    /// A CommonJS module that sets `exports.__esModule`, so that its default import is `exports.default`.
    pub const ES_MODULE_MARKER: Self = Self(1 << 7);
    /// The text is one object, not statements, and may be wanted as a JSON value: `import("./a.json")`.
    pub const JSON: Self = Self(1 << 8);
    /// Contains a bare `require` that is not a call with a string: `typeof require`, `require(x)`.
    pub const FREE_REQUIRE: Self = Self(1 << 9);
    /// A CommonJS module that strict mode refuses: `with`, octal numbers, a parameter named twice.
    pub const SLOPPY: Self = Self(1 << 10);
    /// Has a `throw` that running the module may reach: outside of functions, and of `try` with a handler.
    pub const THROWS: Self = Self(1 << 11);
    /// An ES module with `this` at top level, which is undefined there.
    pub const TOP_LEVEL_THIS: Self = Self(1 << 12);

    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    pub fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }
    pub fn with(mut self, other: Self) -> Self {
        self.insert(other);
        self
    }
}
