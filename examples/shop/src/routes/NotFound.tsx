import { ButtonLink } from '@/components/ui';

export default function NotFound() {
  return (
    <div className="lost">
      <title>Not found · Saltglaze</title>
      <svg viewBox="0 0 190 150" role="img" aria-label="A broken bowl">
        <path d="M20 50h66l-10 24 14 18-8 34c-34 0-62-24-62-76z" fill="#2c5f6b" />
        <path d="M104 50h66c0 52-26 74-58 76l6-34-14-18z" fill="#86aaa5" transform="rotate(7 137 90)" />
        <path d="M88 132l10-8 6 10z" fill="#c4713f" />
        <path d="M12 140h166" stroke="currentColor" strokeOpacity=".3" strokeWidth="2" strokeLinecap="round" />
      </svg>
      <h1>404: only shards.</h1>
      <p className="lead">There is no such page, or it did not survive the firing.</p>
      <ButtonLink to="/">Back to the front page</ButtonLink>
    </div>
  );
}
