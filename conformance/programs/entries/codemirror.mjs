// The editor's state without its view: parsing, transactions, history, folding, completion.
import { EditorState, EditorSelection, StateField, StateEffect } from '@codemirror/state';
import { history, undo, redo, indentMore, toggleComment } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { ensureSyntaxTree, foldable, indentUnit, getIndentation } from '@codemirror/language';
import { basicSetup } from 'codemirror';

const mark = StateEffect.define();
const marks = StateField.define({ create: () => 0, update: (n, tr) => tr.effects.reduce((sum, e) => (e.is(mark) ? sum + e.value : sum), n) });
let state = EditorState.create({ doc: 'function f(a) {\n  return <b>{a}</b>;\n}\nlet x: number = 1;', extensions: [javascript({ jsx: true, typescript: true }), history(), marks, indentUnit.of('    '), EditorState.allowMultipleSelections.of(true)] });
const dispatch = (tr) => { state = tr.state; };
console.log(ensureSyntaxTree(state, state.doc.length, 20_000).toString(), foldable(state, 0, 15), getIndentation(state, 18), basicSetup.length);
dispatch(state.update({ changes: { from: 0, insert: '// hi\n' }, effects: mark.of(4), selection: EditorSelection.cursor(3) }));
indentMore({ state, dispatch });
toggleComment({ state, dispatch });
console.log(state.doc.toString(), state.field(marks));
undo({ state, dispatch }); undo({ state, dispatch }); redo({ state, dispatch });
console.log(JSON.stringify(state.toJSON()), state.doc.lines);
