/** The page after paying, and the page that takes an order back. */
import { testids } from "../../testids";
import { cancelOrder } from "../actions";
import { DAY } from "../clock";
import { day, t } from "../i18n";
import { Empty, Lines, Slot, Sums } from "../parts";
import { go, to } from "../router";
import { myOrders, type Order } from "../store";

const find = (id: string) => myOrders.value.find((order) => order.id === id);

const Missing = () => <><h1 class="unseen" tabIndex={-1}>{t("noOrder")}</h1><Empty text={t("noOrder")} /></>;

const Receipt = ({ order }: { order: Order }) => (
  <section class="card stack">
    <h2 class="unseen">{t("orderItems")}</h2>
    <p class="small soft">{t("orderNo")} {order.id}</p>
    <Lines lines={order.lines} />
    <Sums total={order.total} shipping={order.shipping} />
  </section>
);

export function OrderComplete({ id }: { id: string }) {
  const order = find(id);
  if (!order) return <Missing />;
  return (
    <div class="narrow stack" data-testid={testids.orderComplete}>
      <div>
        <h1 tabIndex={-1}>{t("orderDone")}</h1>
        <p class="soft">{t("orderDoneText", { date: day(order.at + DAY) })}</p>
      </div>
      <Slot name="order_complete" />
      <Receipt order={order} />
      <div class="actions">
        <a class="button quiet grow" href={to.my}>{t("toMyPage")}</a>
        <a class="button quiet grow" href={to.home}>{t("keepLooking")}</a>
      </div>
    </div>
  );
}

export function OrderCancel({ id }: { id: string }) {
  const order = find(id);
  if (!order || order.state === "cancelled") return <Missing />;
  return (
    <div class="narrow stack">
      <div>
        <h1 tabIndex={-1}>{t("cancelAsk")}</h1>
        <p class="soft">{t("cancelText")}</p>
      </div>
      <Receipt order={order} />
      <div class="actions">
        <button type="button" class="button grow" data-testid={testids.cancelConfirm} onClick={() => { cancelOrder(order); go(to.my); }}>{t("cancelDo")}</button>
        <a class="button quiet grow" href={to.my}>{t("back")}</a>
      </div>
    </div>
  );
}
