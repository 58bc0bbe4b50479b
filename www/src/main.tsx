import { render } from "preact";
import "./style/index.css";
import { App } from "./shop/App";
import { prepareOffline } from "./shop/offline";

render(<App />, document.getElementById("app")!);
prepareOffline();
