//! See the module `records` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::records::app().await?).await;
    Ok(())
}
