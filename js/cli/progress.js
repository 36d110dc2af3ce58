/**
 * One line on a terminal that says what is being done and for how long. Not a terminal, or CI: nothing. It learns the phase
 * through hooks that do not make any module cross.
 */
import pc from 'picocolors';
import { BYSTANDER } from '../plugins/hooks.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * @param {boolean} wanted
 * @returns {{ plugin: import('../types/index.d.ts').Plugin | false, stop: () => void }}
 */
export function startProgress(wanted) {
  const stream = process.stderr;
  if (!wanted || !stream.isTTY || process.env.CI) return { plugin: false, stop() {} };
  const started = performance.now();
  let phase = 'reading the configuration';
  let frame = 0;
  const draw = () => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    stream.write(`\r\u001b[K${pc.cyan(FRAMES[frame++ % FRAMES.length])} ${phase} ${pc.dim(`${seconds} s`)}`);
  };
  const timer = setInterval(draw, 80);
  timer.unref();
  const enter = (/** @type {string} */ name) => () => {
    phase = name;
    draw();
  };
  return {
    plugin: /** @type {import('../types/index.d.ts').Plugin} */ ({
      name: 'cloudpack:progress',
      [BYSTANDER]: true,
      buildStart: enter('reading modules'),
      buildEnd: enter('linking'),
      writeBundle: enter('writing'),
    }),
    stop() {
      clearInterval(timer);
      stream.write('\r\u001b[K');
    },
  };
}
