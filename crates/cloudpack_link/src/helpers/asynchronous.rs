//! `__async`: evaluates wrapped modules of which some await, side by side, as ECMA-262 does (16.2.1.5.3, `Evaluate` and
//! `InnerModuleEvaluation`, and 16.2.1.5.3.4, `AsyncModuleExecutionFulfilled`).
//!
//! A plain `await Promise.all([init_a(), init_b()])` at the head of each function would not do: modules that wait for
//! the same one run in the order in which the program reached them, one that imports a member of a cycle waits for the
//! whole cycle, and a module that does not await itself runs in the same moment as the last one it waited for.
//!
//! What a module record holds: `low`, its place among open modules, set once it was visited; `root`, the module through
//! which its cycle was entered, set once the walk is done with it; `order`, when the walk reached it, while it is not
//! finished; `parents`, who waits for it; `pending`, for how many it waits; `failure`. Each chunk has a copy of this
//! code and a clock of its own; copies that meet set their clocks by each other.

// `init_a()` gives the promise of the root of its cycle. `init_a(1)` only starts it, and throws what is thrown at once.
pub(super) const ASYNC: &str = r#"var NAME = ((clock) => {
	const visit = (module, open) => {
		const place = module.low = open.push(module);
		for (const item of module.list()) {
			let needed = item.module;
			if (!needed) {
				item();
				continue;
			}
			clock.now = needed.clock.now = Math.max(clock.now, needed.clock.now);
			if (!needed.low) visit(needed, open);
			if (needed.root) {
				needed = needed.root;
				if (needed.failure) throw needed.failure.error;
			} else module.low = Math.min(module.low, needed.low);
			if (needed.order) {
				needed.parents.push(module);
				module.pending++;
			}
		}
		if (module.pending || module.awaits) {
			module.order = module.clock.now = ++clock.now;
			if (!module.pending) start(module);
		} else module.run();
		if (module.low === place) for (let last; last !== module; last.root = module) last = open.pop();
	};
	const start = (module) => module.run().then(() => finish(module), (error) => fail(module, error));
	const finish = (module) => {
		if (module.failure) return;
		settle(module);
		const ready = [];
		collect(module, ready);
		for (const next of ready.sort((a, b) => a.order - b.order)) {
			if (next.failure) continue;
			if (next.awaits) start(next);
			else {
				try {
					next.run();
				} catch (error) {
					fail(next, error);
					continue;
				}
				settle(next);
			}
		}
	};
	const collect = (module, ready) => {
		for (const parent of module.parents) {
			if (ready.includes(parent) || parent.root.failure || --parent.pending) continue;
			ready.push(parent);
			if (!parent.awaits) collect(parent, ready);
		}
	};
	const settle = (module) => {
		module.order = 0;
		if (module.resolve) module.resolve();
	};
	const fail = (module, error) => {
		if (module.failure) return;
		module.failure = { error };
		module.order = 0;
		for (const parent of module.parents) fail(parent, error);
		if (module.reject) module.reject(error);
	};
	return (list, run, awaits) => {
		const module = { list, run, awaits, clock, parents: [], pending: 0 };
		const init = (inPlace) => {
			const open = [];
			if (!module.low) try {
				visit(module, open);
			} catch (error) {
				for (const each of open) Object.assign(each, { root: each, failure: { error }, order: 0 });
				if (inPlace) throw error;
			}
			if (inPlace) return;
			const root = module.root;
			return root.promise || (root.promise = new Promise((resolve, reject) => {
				if (root.failure) reject(root.failure.error);
				else if (root.order) Object.assign(root, { resolve, reject });
				else resolve();
			}));
		};
		init.module = module;
		return init;
	};
})({ now: 0 });
"#;

// The record is `{l: list, x: run, w: awaits, c: clock, u: parents, k: pending, i: low, r: root, o: order, f: failure}`.
pub(super) const ASYNC_SHORT: &str = concat!(
    "var NAME=(c=>{",
    "let v=(e,t,n=e.i=t.push(e))=>{for(let n of e.l()){let r=n.m;if(r){c.n=r.c.n=Math.max(c.n,r.c.n);r.i||v(r,t);",
    "if(r.r){if((r=r.r).f)throw r.f.e}else e.i=Math.min(e.i,r.i);r.o&&e.k++|r.u.push(e)}else n()}",
    "if(e.k||e.w){e.o=e.c.n=++c.n;e.k||s(e)}else e.x();",
    "if(e.i===n)for(let n;n!==e;n.r=e)n=t.pop()},",
    "s=e=>e.x().then(()=>d(e),t=>b(e,t)),",
    "d=e=>{if(e.f)return;h(e);let t=[];g(e,t);for(let e of t.sort((e,t)=>e.o-t.o))if(!e.f)if(e.w)s(e);else{",
    "try{e.x()}catch(t){b(e,t);continue}h(e)}},",
    "g=(e,t)=>{for(let n of e.u)t.includes(n)||n.r.f||--n.k||(t.push(n),n.w||g(n,t))},",
    "h=e=>{e.o=0;e.y&&e.y()},",
    "b=(e,t)=>{if(!e.f){e.f={e:t};e.o=0;for(let n of e.u)b(n,t);e.z&&e.z(t)}};",
    "return(l,x,w)=>{let e={l,x,w,c,u:[],k:0},t=t=>{let n=[];if(!e.i)try{v(e,n)}catch(e){",
    "for(let t of n)t.r=t,t.f={e},t.o=0;if(t)throw e}if(!t){let t=e.r;",
    "return t.p=t.p||new Promise((e,n)=>{t.f?n(t.f.e):t.o?(t.y=e,t.z=n):e()})}};t.m=e;return t}})({n:0});",
);
