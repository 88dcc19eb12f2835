"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const names = data.tokens, xs = data.x, ys = data.y, clusters = data.clusters, n = names.length;
  const main = new Set(data.main);
  const FONT = 'system-ui, "Noto Sans", sans-serif';
  const element = (id) => document.getElementById(id);
  const canvas = element("map"), pen = canvas.getContext("2d"), tip = element("tip");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let palette = [], plain = "";
  const colourOf = (k) => k < 0 ? plain : palette[k % palette.length];
  const short = (i, most) => names[i].length <= most ? names[i] : `${[...names[i]].slice(0, most - 1).join("")}…`;
  const arrowColour = (closes) => ink(closes ? "--parallel" : "--open");
  let middle = [0, 0], scale = [1, 1], width = 0, height = 0, ratio = 1;
  let alone = -1, hits = null, hit = -1, hovered = -1, named = true, fitted = true, waiting = false;

  element("title").textContent = data.title;
  element("said").textContent = data.said.join("\n");

  const visible = (i) => alone < 0 || clusters[i] === alone;
  const across = (i) => width / 2 + (xs[i] - middle[0]) * scale[0];
  const down = (i) => height / 2 - (ys[i] - middle[1]) * scale[1];

  function fit() {
    let left = Infinity, right = -Infinity, low = Infinity, high = -Infinity;
    for (let i = 0; i < n; i++) if (visible(i)) {
      left = Math.min(left, xs[i]); right = Math.max(right, xs[i]);
      low = Math.min(low, ys[i]); high = Math.max(high, ys[i]);
    }
    if (!(right >= left)) return;
    middle = [(left + right) / 2, (low + high) / 2];
    const wide = 0.86 * width / Math.max(right - left, 1e-9), tall = 0.86 * height / Math.max(high - low, 1e-9);
    const one = Math.min(wide, tall);
    scale = data.ends.length && right > left && high > low ? [wide, tall] : [one, one];
  }

  function request() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }

  function draw() {
    if (fitted) fit();
    palette = data.colours[dark.matches ? 1 : 0];
    plain = ink("--faint");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (data.ends.length) cross();
    const size = n > 20000 ? 1.5 : n > 2000 ? 2.2 : 3.2, seen = [];
    for (let i = 0; i < n; i++) {
      if (!visible(i)) continue;
      const x = across(i), y = down(i);
      if (x < -5 || y < -5 || x > width + 5 || y > height + 5) continue;
      seen.push(i);
      pen.globalAlpha = hits && !hits.has(i) ? 0.2 : 0.85;
      pen.fillStyle = colourOf(clusters[i]);
      if (size < 2) pen.fillRect(x - size / 2, y - size / 2, size, size);
      else { pen.beginPath(); pen.arc(x, y, main.has(i) ? size + 1 : size, 0, 7); pen.fill(); }
    }
    pen.globalAlpha = 1;
    for (const [a, b, closes] of data.arrows) arrow(a, b, closes);
    const room = new Room();
    ends(room);
    if (named) labels(seen, room);
  }

  // The lines of 0 of a person's own axes.
  function cross() {
    pen.strokeStyle = ink("--rule");
    pen.lineWidth = 1;
    pen.beginPath();
    const x = across0(), y = down0();
    pen.moveTo(x, 0); pen.lineTo(x, height); pen.moveTo(0, y); pen.lineTo(width, y);
    pen.stroke();
  }

  // Where text is: a coarse grid says what is free.
  class Room {
    step = 8;
    columns = Math.ceil(width / this.step) + 1;
    taken = new Set();
    cells(x, y, w, h) {
      const found = [];
      for (let row = Math.floor(y / this.step); row <= (y + h) / this.step; row++)
        for (let column = Math.floor(x / this.step); column <= (x + w) / this.step; column++) found.push(row * this.columns + column);
      return found;
    }
    take(x, y, w, h) {
      const wanted = this.cells(x, y, w, h);
      if (x < 0 || y < 0 || x + w > width || y + h > height || wanted.some((cell) => this.taken.has(cell))) return false;
      wanted.forEach((cell) => this.taken.add(cell));
      return true;
    }
  }

  function write(text, x, y, colour) {
    pen.strokeStyle = ink("--paper");
    pen.lineWidth = 3;
    pen.strokeText(text, x, y);
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  }

  // The ends of a person's own axes, at the edges where they lead.
  function ends(room) {
    pen.font = `12px ${FONT}`;
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    data.ends.forEach(([low, high], axis) => {
      for (const [text, far] of [[`${axis ? "↓" : "←"} ${low}`, 0], [axis ? `↑ ${high}` : `${high} →`, 1]]) {
        const w = pen.measureText(text).width;
        const x = axis ? Math.max(8, Math.min(width - w - 8, across0() + 8)) : far ? width - w - 8 : 8;
        const y = axis ? (far ? 14 : height - 14) : Math.max(14, Math.min(height - 14, down0() - 14));
        room.take(x, y - 7, w, 14);
        write(text, x, y, ink("--faint"));
      }
    });
  }
  const across0 = () => width / 2 - middle[0] * scale[0];
  const down0 = () => height / 2 + middle[1] * scale[1];

  function arrow(a, b, closes) {
    if (!visible(a) || !visible(b)) return;
    const x = across(a), y = down(a), dx = across(b) - x, dy = down(b) - y, length = Math.hypot(dx, dy);
    if (length < 12) return;
    const ux = dx / length, uy = dy / length, ex = x + dx - 6 * ux, ey = y + dy - 6 * uy;
    pen.strokeStyle = pen.fillStyle = arrowColour(closes);
    pen.lineWidth = 1.4;
    pen.setLineDash(closes ? [] : [6, 4]);
    pen.beginPath(); pen.moveTo(x + 6 * ux, y + 6 * uy); pen.lineTo(ex, ey); pen.stroke();
    pen.setLineDash([]);
    pen.beginPath(); pen.moveTo(ex, ey);
    pen.lineTo(ex - 8 * ux - 4 * uy, ey - 8 * uy + 4 * ux); pen.lineTo(ex - 8 * ux + 4 * uy, ey - 8 * uy - 4 * ux);
    pen.fill();
  }

  // Names that must be there go first, then those of the first tokens, then some of all others.
  function labels(seen, room) {
    const first = (i) => (i === hovered || i === hit ? 0 : hits && hits.has(i) ? 1 : main.has(i) ? 2 : 3);
    const groups = [[], [], [], []];
    for (const i of seen) groups[first(i)].push(i);
    const others = groups[3], stride = Math.max(1, Math.floor((others.length - 800) / 800));
    const tried = others.filter((_, place) => place < 800 || (place - 800) % stride === 0);
    for (const [a, b] of data.arrows)
      if (visible(a) && visible(b)) block(room, across(a), down(a), across(b), down(b));
    if (data.ends.length === 1) block(room, 0, down0(), width, down0());
    for (const i of [...groups[0], ...groups[1].slice(0, 800), ...groups[2], ...tried]) {
      const important = first(i) < 3;
      pen.font = `${important ? "600 " : ""}12px ${FONT}`;
      const text = short(i, 40), w = pen.measureText(text).width, x = across(i), y = down(i), places = beside(x, y, w);
      if (important) places.push(...around(x, y, w));
      const number = places.findIndex(([left, top]) => room.take(left, top, w, 14));
      if (number < 0) continue;
      const [left, top] = places[number], marked = i === hovered || i === hit;
      const colour = marked ? ink("--mark") : clusters[i] < 0 ? ink("--ink") : colourOf(clusters[i]);
      pen.globalAlpha = hits && !hits.has(i) ? 0.35 : 1;
      if (number > 3) lead(x, y, left, top, w, colour);
      write(text, left, top + 7, colour);
    }
    pen.globalAlpha = 1;
  }

  const beside = (x, y, w) => [[x + 6, y - 7], [x - 6 - w, y - 7], [x - w / 2, y - 21], [x - w / 2, y + 7]];

  // Where an important name may go that finds no room beside its point.
  function around(x, y, w) {
    const places = [];
    for (let line = 1; line <= 5; line++)
      for (const top of [y - 7 - 16 * line, y - 7 + 16 * line])
        for (const left of [x + 6, x - 6 - w, x - w / 2]) places.push([left, top]);
    return places;
  }

  // A thin line from a point to its name, where that is far away.
  function lead(x, y, left, top, w, colour) {
    pen.strokeStyle = colour;
    pen.lineWidth = 0.6;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(Math.min(Math.max(x, left), left + w), Math.min(Math.max(y, top), top + 14));
    pen.stroke();
  }

  // Keeps names off a line, but for those at its ends.
  function block(room, x, y, toX, toY) {
    const length = Math.hypot(toX - x, toY - y), far = Math.min(length - 8, 4 * (width + height));
    for (let at = 8; at < far; at += room.step / 2)
      room.take(x + ((toX - x) * at) / length, y + ((toY - y) * at) / length, 0, 0);
  }

  function nearest(x, y, within) {
    let best = -1, least = within * within;
    for (let i = 0; i < n; i++) if (visible(i)) {
      const far = (across(i) - x) ** 2 + (down(i) - y) ** 2;
      if (far < least) { least = far; best = i; }
    }
    return best;
  }

  // The five nearest on the map, kept in order while all are looked at once.
  function neighbours(i) {
    const near = [];
    for (let j = 0; j < n; j++) {
      if (j === i || !visible(j)) continue;
      const far = (xs[j] - xs[i]) ** 2 + (ys[j] - ys[i]) ** 2;
      if (near.length === 5 && far >= near[4][0]) continue;
      let place = near.length;
      while (place > 0 && near[place - 1][0] > far) place--;
      near.splice(place, 0, [far, j]);
      if (near.length > 5) near.pop();
    }
    return near.map(([, j]) => short(j, 40)).join(", ");
  }

  function hover(x, y) {
    const i = nearest(x, y, 14);
    if (i !== hovered) {
      hovered = i;
      tip.hidden = i < 0;
      if (i >= 0) {
        const cluster = clusters[i] < 0 ? "" : `\ncluster ${clusters[i] + 1}: ${data.legend[clusters[i]]}`;
        tip.textContent = `${short(i, 200)}\nid ${data.ids[i]}${cluster}\nbeside it here: ${neighbours(i)}`;
      }
      request();
    }
    if (i >= 0) {
      tip.style.left = `${Math.min(x + 14, width - tip.offsetWidth - 6)}px`;
      tip.style.top = `${Math.min(y + 14, height - tip.offsetHeight - 6)}px`;
    }
  }

  function zoom(factor, x, y) {
    fitted = false;
    const at = [middle[0] + (x - width / 2) / scale[0], middle[1] - (y - height / 2) / scale[1]];
    scale = scale.map((one) => Math.min(Math.max(one * factor, 1e-6), 1e9));
    middle = [at[0] - (x - width / 2) / scale[0], at[1] + (y - height / 2) / scale[1]];
    request();
  }

  function pan(x, y) {
    fitted = false;
    middle = [middle[0] - x / scale[0], middle[1] + y / scale[1]];
    request();
  }

  const pointers = new Map();
  const place = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); pointers.set(event.pointerId, place(event)); });
  canvas.addEventListener("pointermove", (event) => {
    const now = place(event), before = pointers.get(event.pointerId);
    if (!before) return hover(...now);
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const factor = Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1]));
      zoom(factor, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else pan(now[0] - before[0], now[1] - before[1]);
    pointers.set(event.pointerId, now);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
  canvas.addEventListener("pointerleave", () => { hovered = -1; tip.hidden = true; request(); });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(Math.exp(-event.deltaY * 0.0016), ...place(event)); }, { passive: false });
  const all = () => { fitted = true; request(); };
  canvas.addEventListener("dblclick", all);
  element("all").addEventListener("click", all);
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (moves[event.key]) pan(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") zoom(1.3, width / 2, height / 2);
    else if (event.key === "-") zoom(1 / 1.3, width / 2, height / 2);
    else if (event.key === "0") all();
    else return;
    event.preventDefault();
  });

  const pressed = (button, on) => button.setAttribute("aria-pressed", String(on));
  element("names").addEventListener("click", (event) => { named = !named; pressed(event.target, named); request(); });

  const search = element("search");
  function look(next) {
    const wanted = search.value.toLowerCase();
    if (!wanted) { hits = null; hit = -1; element("found").textContent = ""; return request(); }
    const found = [];
    for (let i = 0; i < n; i++) if (visible(i) && names[i].toLowerCase().includes(wanted)) found.push(i);
    found.sort((a, b) => names[a].length - names[b].length || a - b);
    hits = new Set(found);
    hit = found.length ? found[next ? (found.indexOf(hit) + 1) % found.length : 0] : -1;
    element("found").textContent = `${found.length} found`;
    if (hit >= 0) { const x = across(hit), y = down(hit); if (x < 0 || y < 0 || x > width || y > height) { fitted = false; middle = [xs[hit], ys[hit]]; } }
    request();
  }
  search.addEventListener("input", () => look(false));
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") look(true); });

  data.legend.forEach((words, k) => {
    const button = document.createElement("button"), item = document.createElement("li");
    button.type = "button";
    button.textContent = `● ${k + 1} ${words} (${data.sizes[k]})`;
    const paint = () => { button.style.color = data.colours[dark.matches ? 1 : 0][k % data.colours[0].length]; };
    paint();
    dark.addEventListener("change", paint);
    pressed(button, false);
    button.addEventListener("click", () => {
      alone = alone === k ? -1 : k;
      [...element("legend").querySelectorAll("button")].forEach((one, j) => pressed(one, j === alone));
      fitted = true;
      fill();
      request();
    });
    item.append(button);
    element("legend").append(item);
  });

  for (const closes of [true, false]) {
    if (!data.told || !data.arrows.some((arrow) => arrow[2] === closes)) continue;
    const item = document.createElement("li");
    item.className = closes ? "parallel" : "open";
    item.textContent = closes ? "→ parallel to the other arrows" : "⇢ not parallel to them";
    element("legend").append(item);
  }

  const columns = [["token", (i) => names[i]], ["x", (i) => xs[i]], ["y", (i) => ys[i]], ["cluster", (i) => clusters[i] < 0 ? "" : clusters[i] + 1], ["id", (i) => data.ids[i]]];
  let sorted = null, backwards = false;
  columns.forEach(([title, value]) => {
    const head = document.createElement("th"), button = document.createElement("button");
    button.type = "button";
    button.textContent = title;
    button.addEventListener("click", () => { backwards = sorted === value && !backwards; sorted = value; fill(); });
    head.append(button);
    element("heads").append(head);
  });
  const most = 5000;
  function fill() {
    if (element("table").hidden) return;
    const order = [];
    for (let i = 0; i < n; i++) if (visible(i)) order.push(i);
    if (sorted) order.sort((a, b) => { const x = sorted(a), y = sorted(b); return (x < y ? -1 : x > y ? 1 : a - b) * (backwards ? -1 : 1); });
    const lines = order.slice(0, most).map((i) => {
      const line = document.createElement("tr");
      columns.forEach(([, value]) => { const cell = document.createElement("td"), shown = value(i); cell.textContent = typeof shown === "number" && !Number.isInteger(shown) ? shown.toPrecision(4) : shown; line.append(cell); });
      return line;
    });
    if (order.length > most) {
      const line = document.createElement("tr"), cell = document.createElement("td");
      cell.colSpan = columns.length;
      cell.textContent = `… and ${order.length - most} more: sort, or see one cluster alone`;
      line.append(cell);
      lines.push(line);
    }
    element("rows").replaceChildren(...lines);
  }
  element("as-table").addEventListener("click", (event) => {
    const table = element("table");
    table.hidden = !table.hidden;
    canvas.inert = !table.hidden;
    pressed(event.target, !table.hidden);
    fill();
  });

  new ResizeObserver(() => {
    ratio = devicePixelRatio || 1;
    width = canvas.clientWidth;
    height = canvas.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    request();
  }).observe(canvas);
  dark.addEventListener("change", request);
})();
