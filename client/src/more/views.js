// Notices when elements come into view: the triggers revealed and intersect.

/**
 * @typedef {object} View
 * @property {(detail: { share: number }) => void} came called each time the element comes into view
 * @property {boolean} isSeen
 */

/** Watches elements come into view. Elements that wait for the same share use one observer. */
export class Views {
  /** @type {Map<number, { observer: IntersectionObserver, views: Map<Element, Set<View>> }>} */
  #groups = new Map();

  /**
   * @param {Element} element
   * @param {number} share how much has to be in view, from 0 (any part) to 1
   * @param {View["came"]} came
   * @returns {() => void} stops watching
   */
  add(element, share, came) {
    const { observer, views } = this.#group(share);
    const view = { came, isSeen: false };
    const others = views.get(element) ?? new Set();
    views.set(element, others.add(view));
    observer.observe(element);
    return () => {
      others.delete(view);
      if (others.size > 0) return;
      views.delete(element);
      observer.unobserve(element);
      if (views.size > 0) return;
      observer.disconnect();
      this.#groups.delete(share);
    };
  }

  /** @param {number} share */
  #group(share) {
    const group = this.#groups.get(share) ?? this.#create(share);
    this.#groups.set(share, group);
    return group;
  }

  /** @param {number} share */
  #create(share) {
    /** @type {Map<Element, Set<View>>} */
    const views = new Map();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting, intersectionRatio } of entries) {
          // Engines disagree on isIntersecting when less than the share is in view.
          const isSeen = isIntersecting && intersectionRatio >= share;
          for (const view of [...(views.get(target) ?? [])]) {
            const isNew = isSeen && !view.isSeen;
            view.isSeen = isSeen;
            if (isNew) view.came({ share: intersectionRatio });
          }
        }
      },
      { threshold: share },
    );
    return { observer, views };
  }
}
