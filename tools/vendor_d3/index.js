export { extent, rollups, sum } from "d3-array";
export { axisBottom, axisLeft } from "d3-axis";
export { format } from "d3-format";
export { sankey } from "d3-sankey";
export { scaleLinear, scaleLog } from "d3-scale";
export { interpolateViridis } from "d3-scale-chromatic";
export { select, selectAll } from "d3-selection";
export { line } from "d3-shape";
