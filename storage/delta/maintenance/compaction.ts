// Which files OPTIMIZE writes anew, and which of them together (bin packing by partition). Pure.

import type { LiveFile } from "../file-table/live-files.ts";

/** Files of one partition that become one file, or a few in order. */
export type FileGroup = readonly LiveFile[];

/**
 * Small files, and those with deleted rows: packed by size, so that each group becomes about one file of the target size. A file
 * that would only be copied is left alone, so that a second run finds nothing to do.
 */
export function packSmallFiles(
  files: readonly LiveFile[],
  targetBytes: number,
): readonly FileGroup[] {
  const wanted = files.filter(
    (file) => file.add.size < targetBytes || file.deletionVector !== undefined,
  );
  return byPartition(wanted).flatMap((partition) =>
    pack(
      partition.toSorted((a, b) => a.add.size - b.add.size),
      targetBytes,
    ).filter(
      (group) =>
        group.length > 1 ||
        group.some(({ deletionVector }) => deletionVector !== undefined),
    ),
  );
}

/** Files whose deleted rows shall go, each group about one file of the target size; a clustered file stays by itself, as it is ordered. */
export function packDeleted(
  files: readonly LiveFile[],
  targetBytes: number,
): readonly FileGroup[] {
  const deleted = files.filter(
    ({ deletionVector }) => deletionVector !== undefined,
  );
  const [ordered, others] = [
    deleted.filter(isClustered),
    deleted.filter((file) => !isClustered(file)),
  ];
  return [
    ...ordered.map((file) => [file]),
    ...byPartition(others).flatMap((partition) => pack(partition, targetBytes)),
  ];
}

/** `clusteringProvider` of files in the order of the table's clustering columns, as Delta's own writers name it. */
export const CLUSTERED = "liquid";

export function isClustered({ add }: LiveFile): boolean {
  return add.clusteringProvider === CLUSTERED;
}

/**
 * What clustering a table anew takes on: files that never were in its order or lost rows, with the small ones that are, so that those
 * do not stay small for ever. Clustered files of a good size are left alone. Without new files small ones only come together.
 */
export function packUnclustered(
  files: readonly LiveFile[],
  {
    targetBytes,
    groupBytes,
  }: { readonly targetBytes: number; readonly groupBytes: number },
): readonly FileGroup[] {
  const isNew = (file: LiveFile): boolean =>
    !isClustered(file) || file.deletionVector !== undefined;
  if (!files.some(isNew)) return packSmallFiles(files, targetBytes);
  return packWholePartitions(
    files.filter((file) => isNew(file) || file.add.size < targetBytes),
    groupBytes,
  );
}

/** All files of each partition, in groups that one sort can hold. */
export function packWholePartitions(
  files: readonly LiveFile[],
  groupBytes: number,
): readonly FileGroup[] {
  return byPartition(files).flatMap((partition) => pack(partition, groupBytes));
}

/** In the order of the first file of each. */
function byPartition(files: readonly LiveFile[]): readonly FileGroup[] {
  const groups = new Map<string, LiveFile[]>();
  for (const file of files) {
    const key = JSON.stringify(file.add.partitionValues);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return [...groups.values()];
}

function pack(
  files: readonly LiveFile[],
  limitBytes: number,
): readonly FileGroup[] {
  const groups: LiveFile[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = groups.at(-1);
    if (last === undefined || bytes + file.add.size > limitBytes) {
      groups.push([file]);
      bytes = file.add.size;
    } else {
      last.push(file);
      bytes += file.add.size;
    }
  }
  return groups;
}
