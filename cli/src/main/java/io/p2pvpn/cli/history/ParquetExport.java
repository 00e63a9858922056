package io.p2pvpn.cli.history;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** Has DuckDB, if it is on the class path, write a history as one Parquet file: a row for each crawl. */
final class ParquetExport {
    private static final String DATABASE = "jdbc:duckdb:";
    private static final String NONE =
            "there is no DuckDB here: put the jar of org.duckdb:duckdb_jdbc into P2PVPN_CLASS_PATH"
                    + " (docs/operations.md)";
    /** As in the lines. What is not named here is not in the Parquet file. */
    private static final String COLUMNS = """
            {'at': 'TIMESTAMPTZ', 'atMillis': 'BIGINT', 'publicRing': 'BOOLEAN', 'error': 'VARCHAR',
            'method': 'VARCHAR', 'by': 'VARCHAR', 'namespace': 'VARCHAR', 'nodes': 'INTEGER', 'consistency': 'DOUBLE',
            'left1Consistency': 'DOUBLE', 'left2Consistency': 'DOUBLE', 'durationMillis': 'DOUBLE',
            'messages': 'BIGINT', 'bytes': 'BIGINT', 'depth': 'INTEGER', 'mapMillisMax': 'DOUBLE',
            'complete': 'BOOLEAN', 'lagging': 'VARCHAR[]',
            'gaps': 'STRUCT("from" VARCHAR, "to" VARCHAR, reason VARCHAR, member VARCHAR)[]',
            'missing': 'VARCHAR[]',
            'inconsistencies': 'STRUCT(node VARCHAR, expected VARCHAR, found VARCHAR, side VARCHAR)[]',
            'findings': 'STRUCT(cause VARCHAR, node VARCHAR, other VARCHAR, "text" VARCHAR)[]',
            'ring': 'STRUCT(id VARCHAR, name VARCHAR, successors VARCHAR[], predecessors VARCHAR[],
            far VARCHAR[], chota VARCHAR[], relayed VARCHAR[])[]'}""";

    private ParquetExport() {}

    /**
     * Writes the crawls of those files from {@code since} on.
     *
     * @param lineBytesMax longer lines are passed by
     */
    static void write(List<Path> files, Instant since, long lineBytesMax, Path target) throws ControlException {
        try (Connection database = connect();
                Statement statement = database.createStatement()) {
            statement.execute("COPY (SELECT * FROM read_json(["
                    + files.stream().map(file -> text(file.toString())).collect(Collectors.joining(", "))
                    + "], format = 'newline_delimited', ignore_errors = true,"
                    + " maximum_object_size = " + lineBytesMax + ", columns = " + COLUMNS + ")"
                    + " WHERE atMillis >= " + since.toEpochMilli() + " ORDER BY atMillis)"
                    + " TO " + text(target.toString()) + " (FORMAT parquet, COMPRESSION zstd)");
        } catch (SQLException refused) {
            throw new ControlException(
                    Kind.FAILED, "DuckDB cannot write " + target + ": " + refused.getMessage(), refused);
        }
    }

    private static Connection connect() throws ControlException {
        try {
            return DriverManager.getConnection(DATABASE);
        } catch (SQLException absent) {
            throw new ControlException(Kind.FAILED, NONE, absent);
        }
    }

    private static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}
