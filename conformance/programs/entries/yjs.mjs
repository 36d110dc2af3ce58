// Two documents that merge; the package warns on the console when it is loaded twice.
import * as Y from 'yjs';

const left = new Y.Doc();
const right = new Y.Doc();
left.clientID = 1;
right.clientID = 2;
left.getText('t').insert(0, 'hello');
right.getText('t').insert(0, 'world', { bold: true });
right.getMap('m').set('nested', new Y.Array());
right.getMap('m').get('nested').push([1, { a: 2 }, new Uint8Array([3])]);
left.getXmlFragment('x').insert(0, [new Y.XmlElement('p')]);
const events = [];
left.on('update', (update) => events.push(update.length));
left.getMap('m').observeDeep((list) => events.push(list.map((one) => one.path)));
Y.applyUpdate(left, Y.encodeStateAsUpdate(right));
Y.applyUpdate(right, Y.encodeStateAsUpdate(left, Y.encodeStateVector(right)));
console.log(left.getText('t').toDelta(), right.getText('t').toString(), left.getMap('m').toJSON(), right.getXmlFragment('x').toString(), events);
const undo = new Y.UndoManager(left.getText('t'));
left.getText('t').delete(2, 4);
undo.undo();
console.log(left.getText('t').toString(), Buffer.from(Y.mergeUpdates([Y.encodeStateAsUpdate(left), Y.encodeStateAsUpdate(right)])).length, Y.decodeStateVector(Y.encodeStateVector(left)));
const place = Y.createRelativePositionFromTypeIndex(left.getText('t'), 3);
console.log(Y.createAbsolutePositionFromRelativePosition(place, left).index);
