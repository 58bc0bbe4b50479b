import { Fragment } from "preact";
import { t } from "../shop/i18n";

/** Names and values as they are, for those who know the codes. */
export const Rows = ({ rows }: { rows: [string, unknown][] }) =>
  rows.length === 0 ? <p class="small soft">{t("none")}</p> : (
    <dl class="rows">
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
        </Fragment>
      ))}
    </dl>
  );
