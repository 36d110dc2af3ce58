// Which tasks the core handed to JavaScript, seen at the binding itself.
import { onTestFinished } from 'vitest';
import { loadBinding } from '../../js/binding.js';

export function recordCrossings() {
  const { Session } = loadBinding();
  const tasks = [];
  const { scan } = Session.prototype;
  Session.prototype.scan = async function (answers) {
    const json = await scan.call(this, answers);
    tasks.push(...JSON.parse(json));
    return json;
  };
  onTestFinished(() => { Session.prototype.scan = scan; });
  return tasks;
}
