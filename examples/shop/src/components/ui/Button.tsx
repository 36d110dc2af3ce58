import clsx from 'clsx';
import type { ButtonHTMLAttributes } from 'react';
import { Link } from 'react-router';

type Look = 'primary' | 'quiet' | 'text';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look;
  readonly wide?: boolean;
}

const classes = (look: Look, wide?: boolean, more?: string) => clsx('button', `button--${look}`, { 'button--wide': wide }, more);

export function Button({ look = 'primary', wide, className, type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={classes(look, wide, className)} {...rest} />;
}

export function ButtonLink({ look = 'primary', wide, to, children }: { look?: Look; wide?: boolean; to: string; children: React.ReactNode }) {
  return (
    <Link to={to} className={classes(look, wide)}>
      {children}
    </Link>
  );
}
