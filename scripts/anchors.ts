/** The anchor of a heading, the same in the site and where Markdown files are shown as they are. */
export function anchorOf(heading: string): string {
    return heading
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(/\s/g, "-")
}
