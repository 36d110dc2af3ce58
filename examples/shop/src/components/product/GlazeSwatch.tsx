import type { CSSProperties } from 'react';
import type { Glaze } from '@/domain';
import styles from './GlazeSwatch.module.css';

const paint = (glaze: Glaze) => ({ '--glaze': glaze.hex }) as CSSProperties;

export function GlazeDot({ glaze, large }: { glaze: Glaze; large?: boolean }) {
  return <span className={large ? styles.large : styles.dot} style={paint(glaze)} aria-hidden="true" />;
}

export function GlazeSwatch({ glaze, pressed, onToggle }: { glaze: Glaze; pressed: boolean; onToggle: () => void }) {
  return <button type="button" className={styles.swatch} style={paint(glaze)} aria-label={glaze.name} title={glaze.name} aria-pressed={pressed} onClick={onToggle} />;
}
