/** The portal's search and commands. */
import { lazy } from "react"
import type { NavItem } from "../kit/layout/frame.tsx"
import { Palette } from "../kit/palette/palette.tsx"

const Window = lazy(async () => ({ default: (await import("./palette-window.tsx")).PortalPaletteWindow }))

export function PortalPalette({ items }: { items: readonly NavItem[] }) {
    return <Palette>{(close) => <Window items={items} onDone={close} />}</Palette>
}
