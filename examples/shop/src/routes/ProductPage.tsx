import { type ComponentType, useState } from 'react';
import { Link, useParams } from 'react-router';
import { pictureOf } from '@/assets/products';
import { GlazeDot, Price, ProductGrid } from '@/components/product';
import { Badge, Button, Chips, Icon, Stars, Stepper } from '@/components/ui';
import { arrivalText, categories, type Product, productBySlug, shippingMethods } from '@/domain';
import { useLocale } from '@/hooks';
import { useCart, useToasts } from '@/stores';
import NotFound from './NotFound';

export default function ProductPage() {
  const { slug } = useParams();
  const product = productBySlug(slug);
  if (!product) return <NotFound />;
  return <Details key={product.slug} product={product} />;
}

function Details({ product }: { product: Product }) {
  const [option, setOption] = useState(0);
  const [quantity, setQuantity] = useState(1);
  const add = useCart((state) => state.add);
  const show = useToasts((state) => state.show);
  const locale = useLocale();
  const soldOut = product.stock === 0;
  const [post] = shippingMethods;
  return (
    <article>
      <title>{`${product.name} · Saltglaze`}</title>
      <nav className="crumbs" aria-label="Where you are">
        <Link to="/shop">Shop</Link> / <Link to={`/shop?category=${product.category}`}>{categories[product.category]}</Link> / <span>{product.name}</span>
      </nav>
      <div className="product">
        <img className="product__picture" src={pictureOf(product.slug)} alt={product.name} width={560} height={700} />
        <div className="product__text">
          <span className="eyebrow">{product.collection.name}</span>
          <h1 style={{ fontSize: 'clamp(2.1rem, 4vw, 3.1rem)' }}>{product.name}</h1>
          <Stars rating={product.rating} reviews={product.reviews} />
          <p className="lead">{product.blurb}</p>
          <span className="product__price" data-testid="price">
            <Price of={product.priceOf(option)} />
          </span>
          {product.options.length > 1 && <Chips label="Size" value={option} options={product.options.map(({ label }, i) => [i, label] as const)} onChange={setOption} />}
          <div className="product__buy">
            <Stepper label="Quantity" value={quantity} max={Math.max(1, product.stock)} onChange={setQuantity} />
            <Button
              disabled={soldOut}
              onClick={() => {
                add(product.slug, option, quantity);
                show(`${product.name} is in your cart.`);
              }}
            >
              <Icon name="bag" /> {soldOut ? 'Sold out' : 'Into the cart'}
            </Button>
          </div>
          {post && !soldOut && (
            <p className="check" data-testid="arrival">
              <Icon name="truck" /> With you from {arrivalText(post, locale)}
            </p>
          )}
          <dl className="spec">
            <dt>Glaze</dt>
            <dd>
              <GlazeDot glaze={product.glaze} /> {product.glaze.name}. {product.glaze.note}
            </dd>
            <dt>Size</dt>
            <dd>{product.size}</dd>
            <dt>Use</dt>
            <dd data-testid="traits">
              {product.traits.map((trait) => (
                <Badge key={trait} tone="good">
                  {trait}
                </Badge>
              ))}
            </dd>
          </dl>
          <Care />
        </div>
      </div>
      <section className="band">
        <div className="band__head">
          <h2>Stands well beside</h2>
        </div>
        <ProductGrid products={product.related(4)} columns={4} />
      </section>
    </article>
  );
}

function Care() {
  const [Guide, setGuide] = useState<ComponentType | null>(null);
  const open = async () => {
    const { CareGuide } = await import('@/features/CareGuide');
    setGuide(() => CareGuide);
  };
  if (Guide) return <Guide />;
  return (
    <div>
      <Button look="text" onClick={() => void open()}>
        How to look after it
      </Button>
    </div>
  );
}
