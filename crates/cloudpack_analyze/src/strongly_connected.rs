//! Strongly connected components of the load edges (Tarjan 1972) with an explicit stack: the cycles of the program, and
//! a topological order of everything else.

use crate::graph::Graph;
use crate::load_edges::{LoadEdge, LoadEdges};
use cloudpack_base::{Idx, ModuleIdx};

pub(crate) struct Components {
    of: Vec<u32>,
    /// Modules by component.
    members: Vec<ModuleIdx>,
    starts: Vec<u32>,
}

impl Components {
    pub(crate) fn count(&self) -> usize {
        self.starts.len() - 1
    }
    /// Components are numbered so that edges between them lead to smaller numbers.
    pub(crate) fn of(&self, module: ModuleIdx) -> usize {
        self.of[module.index()] as usize
    }
    pub(crate) fn members(&self, component: usize) -> &[ModuleIdx] {
        &self.members[self.starts[component] as usize..self.starts[component + 1] as usize]
    }
}

/// Cost: modules + edges.
pub(crate) fn strongly_connected(graph: &Graph<'_>, edges: &LoadEdges) -> Components {
    let count = graph.modules.len();
    const NEW: u32 = u32::MAX;
    let mut number = vec![NEW; count];
    let mut low = vec![0u32; count];
    let mut of = vec![NEW; count];
    let mut members = Vec::with_capacity(count);
    let mut starts = vec![0u32];
    let mut open: Vec<ModuleIdx> = Vec::new();
    let mut stack: Vec<(ModuleIdx, std::slice::Iter<'_, LoadEdge>)> = Vec::new();
    let mut next_number = 0;
    for root in (0..count).map(ModuleIdx::from_usize) {
        if number[root.index()] != NEW {
            continue;
        }
        let mut entered = Some(root);
        loop {
            if let Some(module) = entered.take() {
                number[module.index()] = next_number;
                low[module.index()] = next_number;
                next_number += 1;
                open.push(module);
                stack.push((module, edges.all(module).iter()));
            }
            let Some((module, rest)) = stack.last_mut() else { break };
            let module = *module;
            if let Some(edge) = rest.next() {
                let target = edge.module;
                if number[target.index()] == NEW {
                    entered = Some(target);
                } else if of[target.index()] == NEW {
                    low[module.index()] = low[module.index()].min(number[target.index()]);
                }
                continue;
            }
            stack.pop();
            if let Some((parent, _)) = stack.last() {
                low[parent.index()] = low[parent.index()].min(low[module.index()]);
            }
            if low[module.index()] == number[module.index()] {
                let component = starts.len() as u32 - 1;
                while let Some(member) = open.pop() {
                    of[member.index()] = component;
                    members.push(member);
                    if member == module {
                        break;
                    }
                }
                starts.push(members.len() as u32);
            }
        }
    }
    Components { of, members, starts }
}
