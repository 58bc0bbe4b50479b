/** One shopper at one moment: who they are, what they see, and why. */
import { Moment } from "./Moment";
import { Shoppers } from "./Shoppers";
import { Stage } from "./Stage";
import { Why } from "./Why";

export const Preview = () => (
  <main id="main" class="preview">
    <Shoppers />
    <div class="middle">
      <Moment />
      <Stage />
    </div>
    <Why />
  </main>
);
