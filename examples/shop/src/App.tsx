import { lazy } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router';
import { Layout } from '@/components/layout/Layout';
import { Home } from '@/routes/Home';

// The front page comes with the entry; every other page is fetched when it is opened.
const Shop = lazy(() => import('@/routes/Shop'));
const ProductPage = lazy(() => import('@/routes/ProductPage'));
const Cart = lazy(() => import('@/routes/Cart'));
const Checkout = lazy(() => import('@/routes/Checkout'));
const Orders = lazy(() => import('@/routes/Orders'));
const OrderPage = lazy(() => import('@/routes/OrderPage'));
const Insights = lazy(() => import('@/routes/Insights'));
const About = lazy(() => import('@/routes/About'));
const Settings = lazy(() => import('@/routes/Settings').then(({ Settings }) => ({ default: Settings })));
const NotFound = lazy(() => import('@/routes/NotFound'));

export function App() {
  return (
    <BrowserRouter>
      <Routes>
        <Route element={<Layout />}>
          <Route index element={<Home />} />
          <Route path="shop">
            <Route index element={<Shop />} />
            <Route path=":slug" element={<ProductPage />} />
          </Route>
          <Route path="cart" element={<Cart />} />
          <Route path="checkout" element={<Checkout />} />
          <Route path="orders">
            <Route index element={<Orders />} />
            <Route path=":id" element={<OrderPage />} />
          </Route>
          <Route path="insights" element={<Insights />} />
          <Route path="about" element={<About />} />
          <Route path="settings" element={<Settings />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    </BrowserRouter>
  );
}
