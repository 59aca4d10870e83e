/* What the site adds to its theme. Diagrams and formulas are drawn by libraries that are loaded only
   on pages that have any; without JavaScript their source stays on the page as text. */
(() => {
  const vendor = new URL("vendor/", document.currentScript.src).href;
  const wordsPerMinute = 220;

  const loadScript = (path) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = vendor + path;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });

  const loadStyle = (path) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = vendor + path;
    document.head.append(link);
  };

  const isDark = () => document.body.dataset.mdColorScheme === "slate";

  /* A table, a diagram or a row of tabs that is wider than the page scrolls in a box of its own: by keyboard too. */
  const letKeysScroll = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });

  async function drawDiagrams(blocks) {
    await loadScript("mermaid/mermaid.min.js");
    const sources = blocks.map((block) => block.textContent);
    const frames = blocks.map((block) => {
      const frame = document.createElement("div"); // in the text's font, not in that of code
      frame.className = "diagram";
      block.before(frame);
      letKeysScroll.observe(frame);
      return frame;
    });
    const colours = (dark) => ({
      darkMode: dark,
      background: dark ? "#1e2129" : "#ffffff",
      primaryColor: dark ? "#12463f" : "#e0f2f1",
      primaryTextColor: dark ? "#f1f5f5" : "#10302c",
      primaryBorderColor: dark ? "#4db6ac" : "#00695c",
      lineColor: dark ? "#b0bec5" : "#455a64",
      textColor: dark ? "#f1f5f5" : "#10302c",
      edgeLabelBackground: dark ? "#1e2129" : "#ffffff",
      clusterBkg: dark ? "#262a34" : "#f5f7f7",
      clusterBorder: dark ? "#78909c" : "#78909c",
    });
    let drawing = 0;
    const draw = async () => {
      const round = ++drawing;
      const dark = isDark();
      mermaid.initialize({
        startOnLoad: false, securityLevel: "strict", theme: "base", themeVariables: colours(dark),
        fontFamily: "inherit", flowchart: { wrappingWidth: 280 },
      });
      for (const [index, frame] of frames.entries()) {
        const { svg } = await mermaid.render(`diagram-${round}-${index}`, sources[index], frame);
        if (round !== drawing) return;
        frame.innerHTML = svg;
        frame.dataset.scheme = dark ? "dark" : "light";
        blocks[index].remove();
      }
    };
    await draw();
    new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
  }

  async function setFormulas(formulas) {
    loadStyle("katex/katex.min.css");
    await loadScript("katex/katex.min.js");
    for (const formula of formulas) {
      const source = formula.textContent.trim();
      const displayMode = source.startsWith("\\[");
      katex.render(source.slice(2, -2), formula, { displayMode, throwOnError: false });
    }
  }

  /* Lessons state how long it takes to work through them; other pages how long they take to read. */
  function sayReadingTime(article) {
    const heading = article.querySelector("h1");
    if (!heading || article.querySelector(".no-reading-time") || /\/learn\//.test(location.pathname)) return;
    const words = article.textContent.trim().split(/\s+/).length;
    const line = document.createElement("p");
    line.className = "reading-time";
    line.textContent = `${Math.max(1, Math.round(words / wordsPerMinute))} min read`;
    heading.after(line);
  }

  addEventListener("load", () => {
    const boxes = document.querySelectorAll(".md-typeset__scrollwrap, .tabbed-labels");
    for (const box of boxes) letKeysScroll.observe(box);
  });

  /* The theme opens the search as a dialogue without a name. */
  document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");

  const article = document.querySelector("article.md-content__inner");
  if (!article) return;
  sayReadingTime(article);
  const diagrams = [...article.querySelectorAll("pre.diagram")];
  const formulas = [...article.querySelectorAll(".arithmatex")];
  if (diagrams.length) drawDiagrams(diagrams);
  if (formulas.length) setFormulas(formulas);
})();
