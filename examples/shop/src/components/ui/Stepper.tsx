import clsx from 'clsx';

interface StepperProps {
  readonly label: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  readonly small?: boolean;
  readonly onChange: (value: number) => void;
}

export function Stepper({ label, value, min = 1, max = 99, small, onChange }: StepperProps) {
  return (
    <div className={clsx('stepper', small && 'stepper--small')} role="group" aria-label={label}>
      <button type="button" aria-label="Fewer" disabled={value <= min} onClick={() => onChange(value - 1)}>
        −
      </button>
      <output>{value}</output>
      <button type="button" aria-label="More" disabled={value >= max} onClick={() => onChange(value + 1)}>
        +
      </button>
    </div>
  );
}
