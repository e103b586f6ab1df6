/** The console's search and commands. */
import { lazy } from "react"
import type { NavItem } from "../kit/layout/frame.tsx"
import { Palette } from "../kit/palette/palette.tsx"

const Entries = lazy(async () => ({ default: (await import("./palette-entries.tsx")).PaletteEntries }))

export function ConsolePalette({ items }: { items: readonly NavItem[] }) {
    return <Palette>{(close) => <Entries items={items} onDone={close} />}</Palette>
}
