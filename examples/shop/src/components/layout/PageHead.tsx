import type { ReactNode } from 'react';

interface PageHeadProps {
  readonly title: string;
  readonly eyebrow?: string;
  readonly children?: ReactNode;
}

/** The heading of a page, and with it the title of the window. */
export function PageHead({ title, eyebrow, children }: PageHeadProps) {
  return (
    <header className="page-head">
      <title>{`${title} · Saltglaze`}</title>
      {eyebrow && <span className="eyebrow">{eyebrow}</span>}
      <h1>{title}</h1>
      {children && <p className="lead">{children}</p>}
    </header>
  );
}
