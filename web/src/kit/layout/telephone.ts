/** Whether the window is a telephone's, where lists start shorter and rows of tables are cards, as in narrow.css. */
export const isTelephone = (): boolean =>
    globalThis.window !== undefined && window.matchMedia("(max-width: 560px)").matches
