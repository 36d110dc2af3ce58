import type { ReactNode } from 'react';

export function Badge({ tone, children }: { tone?: 'good' | 'warm' | 'bad'; children: ReactNode }) {
  return <span className={tone ? `badge badge--${tone}` : 'badge'}>{children}</span>;
}
