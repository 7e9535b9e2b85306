/** How high a line of words on the map is: who draws it knows that before the map is laid out. */
export const LINE = 18;
