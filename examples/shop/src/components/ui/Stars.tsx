import type { CSSProperties } from 'react';

export function Stars({ rating, reviews }: { rating: number; reviews?: number }) {
  const style = { '--share': `${(rating / 5) * 100}%` } as CSSProperties;
  return (
    <span className="stars">
      <span className="stars__row" style={style} role="img" aria-label={`${rating} of 5 stars`}>
        ★★★★★
      </span>
      {reviews !== undefined && (
        <span>
          {rating.toFixed(1)} · {reviews} reviews
        </span>
      )}
    </span>
  );
}
