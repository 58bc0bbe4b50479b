/** Gives an element attributes. Not by properties as `ariaLabel`, which some browsers in use do not know. */
export const mark = <Marked extends Element>(element: Marked, attributes: { [name: string]: string }): Marked => {
  for (const name in attributes) element.setAttribute(name, attributes[name]!);
  return element;
};
