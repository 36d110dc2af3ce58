export function Spinner() {
  return <div className="spinner" role="progressbar" aria-label="Loading" />;
}
