//! The number that running an application prints, computed without running it.

use super::tree::Tree;
use super::unit::Unit;
use std::collections::VecDeque;

/// How results are combined, here and in the text of modules. Not `value ^ result` times a number: of a function that gives
/// its input back, nothing would be left of the value.
fn mix(value: u32, result: u32) -> u32 {
    value.wrapping_mul(2_654_435_761) ^ result
}

impl Tree {
    /// The entry runs; then, one after the other, what was deferred to `import()`, which may defer more. Last comes the
    /// sum of what modules registered while they were evaluated, whatever the order.
    pub(crate) fn checksum(&self) -> u32 {
        let mut waiting = VecDeque::new();
        let mut registered = 0u32;
        let mut value = self.run(0, 1, &mut waiting, &mut registered);
        while let Some(module) = waiting.pop_front() {
            let result = self.run(module, value, &mut waiting, &mut registered);
            value = mix(value, result);
        }
        mix(value, registered)
    }

    fn run(&self, module: usize, input: u32, waiting: &mut VecDeque<usize>, registered: &mut u32) -> u32 {
        let Some(code) = self.code(module) else { return input };
        *registered = code.registers.iter().fold(*registered, |sum, number| sum.wrapping_add(*number));
        let mut value = input.wrapping_add(code.salt);
        for unit in code.units.iter().filter(|unit| unit.called) {
            value = mix(value, unit.call(value));
        }
        for used in &code.uses {
            let units = self.units(used.module);
            for unit in used.units.iter().filter_map(|unit| units.get(*unit)) {
                value = mix(value, unit.call(value));
            }
        }
        for used in &code.packages {
            value = mix(value, self.units(used.module).get(used.unit).map_or(0, |unit: &Unit| unit.call(value)));
        }
        for json in &code.json {
            let values = self.json(*json);
            value = value.wrapping_add(values.get(value as usize % values.len().max(1)).copied().unwrap_or_default());
        }
        for child in &code.children {
            let result = self.run(child.module, value, waiting, registered);
            value = mix(value, result);
        }
        waiting.extend(&code.lazy);
        value
    }
}
