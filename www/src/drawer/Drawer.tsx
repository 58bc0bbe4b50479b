/** The danbi panel: looks into the engine while the shop goes on beside it, hence no modal dialog. */
import { useEffect, useRef } from "preact/hooks";
import { t } from "../shop/i18n";
import { testids } from "../testids";
import { Clock } from "./Clock";
import { Facts } from "./Facts";
import { drawerOpen } from "./state";
import { Verdicts } from "./Verdicts";

export function Drawer() {
  const opener = useRef<HTMLButtonElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const open = drawerOpen.value;
  const close = () => {
    drawerOpen.value = false;
    opener.current?.focus();
  };
  useEffect(() => { if (open) title.current?.focus(); }, [open]);
  return (
    <>
      <button
        type="button" class="drawer-open" ref={opener} aria-expanded={open} aria-controls="danbi-panel"
        data-testid={testids.drawerOpen} onClick={() => (open ? close() : (drawerOpen.value = true))}
      >
        <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true"><path d="M12 3.5c3.7 4.4 6 7.8 6 10.9a6 6 0 0 1-12 0c0-3.1 2.3-6.5 6-10.9z" /></svg>
        <span>{t("panel")}</span>
      </button>
      <aside
        id="danbi-panel" class="drawer" aria-labelledby="danbi-panel-title" hidden={!open} data-testid={testids.drawer}
        onKeyDown={(event) => { if (event.key === "Escape") close(); }}
      >
        <div class="drawer-head">
          <h2 id="danbi-panel-title" tabIndex={-1} ref={title}>{t("panel")}</h2>
          <button type="button" class="button quiet slim" data-testid={testids.drawerClose} onClick={close}>{t("close")}</button>
        </div>
        {open && (
          <div class="drawer-body">
            <p class="small soft">{t("panelText")}</p>
            <Clock />
            <Verdicts />
            <Facts />
          </div>
        )}
      </aside>
    </>
  );
}
