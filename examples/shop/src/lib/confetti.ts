// Loaded on the first order only. Clay-coloured paper, thrown once.
import { Random } from './random';

const colours = ['#2c5f6b', '#c4713f', '#dfb2a0', '#86aaa5', '#e9dfcb', '#9f4128'];

interface Scrap {
  x: number;
  y: number;
  dx: number;
  dy: number;
  turn: number;
  spin: number;
  colour: string;
}

export async function throwConfetti(count = 140): Promise<number> {
  const canvas = document.createElement('canvas');
  canvas.width = innerWidth;
  canvas.height = innerHeight;
  Object.assign(canvas.style, { position: 'fixed', inset: '0', pointerEvents: 'none', zIndex: '60' });
  canvas.dataset.confetti = String(count);
  document.body.append(canvas);
  const context = canvas.getContext('2d');
  if (!context) return 0;
  const random = new Random(Date.now());
  const scraps = Array.from({ length: count }, (): Scrap => {
    const angle = -Math.PI / 2 + (random.next() - 0.5) * 1.7;
    const speed = 7 + random.next() * 13;
    return { x: innerWidth / 2, y: innerHeight * 0.62, dx: Math.cos(angle) * speed, dy: Math.sin(angle) * speed, turn: random.next() * 6, spin: random.next() - 0.5, colour: random.pick(colours) };
  });
  await new Promise<void>((done) => {
    let frames = 0;
    const draw = () => {
      context.clearRect(0, 0, canvas.width, canvas.height);
      for (const scrap of scraps) {
        scrap.x += scrap.dx *= 0.985;
        scrap.y += scrap.dy += 0.34;
        scrap.turn += scrap.spin * 0.4;
        context.save();
        context.translate(scrap.x, scrap.y);
        context.rotate(scrap.turn);
        context.fillStyle = scrap.colour;
        context.fillRect(-5, -3, 10, 6);
        context.restore();
      }
      if (++frames < 110) requestAnimationFrame(draw);
      else done();
    };
    draw();
  });
  canvas.remove();
  return count;
}
